import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { DuplicateWorklist, troubleOf } from '../../explorer/assets/page/worklists/duplicate_groups.mjs';

let asked, groups, judged, selected, worklist;

const point = (id, className, dataset = 'train') => ({ id, class_name: className, dataset });
const group = (points, more = {}) => ({
  size: points.length, lowest_similarity: 0.9812, is_exact: false, has_class_conflict: false, is_leak: false, points, ...more,
});

beforeEach(async () => {
  [asked, judged, selected] = [[], [], []];
  groups = [
    group([point('a', 'cat'), point('b', 'dog'), point('c', 'cat')], { has_class_conflict: true }),
    group([point('d', 'cat'), point('e', 'cat', 'val')], { is_leak: true, is_exact: true }),
  ];
  const tools = {
    api: { get: async (path, query) => { asked.push([path, query]); return { groups, n_groups: groups.length, why_empty: null }; } },
    judge: (verdict, points, className) => judged.push([verdict, points.map(({ id }) => id), className]),
    selectOnMap: async (readIds) => { const ids = await readIds(); selected.push(ids); return ids.length; },
    say: () => {},
  };
  worklist = new DuplicateWorklist(tools);
  await worklist.reload();
});

test('cardOfGroup: says how alike they are and what is wrong', () => {
  assert.deepEqual(worklist.state.cards.map(({ reason }) => reason), ['3 look-alikes, 98.1 % similar or more', '2 exact copies']);
  assert.deepEqual(groups.map((one) => troubleOf(one).map(({ words }) => words)), [['conflict: cat, dog'], ['leak: train, val']]);
});

test('troubleOf: long names are shortened as they are elsewhere, and the title has them in full', () => {
  const names = ['letters/alphabets/dotted/punctuation-mark-194', 'letters/alphabets/dotted/punctuation-mark-086', 'letters/alphabets/hatched-by-hand-with-a-very-broad-pen/decimal-digit-002', 'letters/alphabets/filled/b'];
  const [trouble] = troubleOf(group(names.map((name) => point(name, name)), { has_class_conflict: true }));
  assert.equal(trouble.words, 'conflict: dotted/punctuation-mark-086, dotted/punctuation-mark-194, filled/b and 1 more');
  assert.equal(trouble.title, [...names].sort().join('\n'));
});

test('key: a digit gives the group the class of that number, the most frequent first', () => {
  worklist.key('j');
  worklist.key('1');
  worklist.key('2');
  assert.deepEqual(judged, [['accept', ['b'], 'cat']]); // the second group has one class only
  worklist.key('k');
  worklist.key('2');
  assert.deepEqual(judged[1], ['accept', ['a', 'c'], 'dog']);
});

test('key: d keeps the labels of the whole group', () => {
  worklist.key('j');
  worklist.key('d');
  assert.deepEqual(judged, [['dismiss', ['a', 'b', 'c'], null]]);
});

test('targets: a group of which the api shows a part is not judged', async () => {
  groups[0].size = 725;
  await worklist.reload();
  worklist.key('j');
  worklist.key('1');
  worklist.key('d');
  assert.deepEqual(judged, []);
});

test('selectOthers: all but the first', async () => {
  await worklist.selectOthers(worklist.state.cards[0]);
  assert.deepEqual(selected, [['b', 'c']]);
});

test('selectOthers: without a map it says so', async () => {
  const said = [];
  Object.assign(worklist.tools, { selectOnMap: async () => { throw new Error('There is no map.'); }, say: (words) => said.push(words) });
  await worklist.selectOthers(worklist.state.cards[0]);
  assert.deepEqual(said, ['There is no map.']);
});

test('narrow: only groups of a kind are walked along', () => {
  worklist.narrow('leak');
  worklist.key('j');
  worklist.key('j');
  assert.deepEqual([worklist.state.cards.length, worklist.state.current], [1, 'd']);
});

test('compareAt: asks anew with the threshold', async () => {
  await worklist.compareAt(0.9);
  assert.deepEqual(asked.at(-1), ['/duplicates', { threshold: 0.9, limit: 40 }]);
});

const settle = () => new Promise((resolve) => { setTimeout(resolve); });

/** Has the api wait; gives what has it answer a question with so many groups, every fifth with a conflict. */
function holdAnswers() {
  const held = [];
  worklist.tools.api.get = () => new Promise((resolve) => { held.push(resolve); });
  return async (question, nGroups) => {
    const found = Array.from({ length: nGroups }, (_, place) => group([point(`${nGroups}-${place}`, 'cat')], { has_class_conflict: place % 5 === 0 }));
    held[question]({ groups: found, n_groups: 90, why_empty: null });
    await settle();
  };
}

test('compareAt: groups of the similarity before that come late are not listed', async () => {
  const answer = holdAnswers();
  void worklist.compareAt(0.9);
  void worklist.compareAt(0.98);
  await answer(1, 5);
  await answer(0, 40);
  worklist.narrow('all');
  assert.equal(worklist.state.cards.length, 5);
});

test('narrow: the kind that was chosen while more are loaded has all of its groups', async () => {
  const answer = holdAnswers();
  void worklist.reload();
  await answer(0, 40);
  void worklist.more();
  worklist.narrow('conflict');
  await answer(1, 80);
  assert.deepEqual([worklist.state.cards.length, worklist.state.hasMore], [16, true]);
});
