import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { CardWorklist } from '../../explorer/assets/page/worklists/card_worklist.mjs';

let judged, looked, said, undone, worklist, pages;

const card = (id, className, suggested = null) => ({
  id, points: [{ id, class_name: className }], suggested, reason: `why ${id}`,
});

beforeEach(async () => {
  [judged, looked, said, undone] = [[], [], [], 0];
  pages = [
    { cards: [card('a', 'cat', 'dog'), card('b', 'cat', 'dog'), card('c', 'cat', 'fox')], hasMore: true },
    { cards: [card('d', 'dog', 'cat')], hasMore: false },
  ];
  const tools = {
    judge: (verdict, points, className) => judged.push([verdict, points.map(({ id }) => id), className]),
    look: (id) => looked.push(id),
    say: (text) => said.push(text),
    undoLast: () => { undone += 1; },
  };
  worklist = new CardWorklist(tools, async (offset) => pages[offset ? 1 : 0]);
  await worklist.reload();
});

const press = (...keys) => keys.forEach((key) => worklist.key(key));

test('more: the next page follows the first', async () => {
  await worklist.more();
  assert.deepEqual(worklist.state.cards.map(({ id }) => id), ['a', 'b', 'c', 'd']);
  assert.equal(worklist.state.hasMore, false);
});

test('reload: an older answer that arrives later is dropped', async () => {
  const answers = [];
  worklist.loadPage = () => new Promise((resolve) => { answers.push(resolve); });
  const loads = [worklist.reload(), worklist.reload()];
  answers[1]({ cards: [card('new', 'cat')], hasMore: false });
  answers[0]({ cards: [card('old', 'cat')], hasMore: false });
  await Promise.all(loads);
  assert.deepEqual(worklist.state.cards.map(({ id }) => id), ['new']);
});

test('reload: a failure is told in words and can be tried again', async () => {
  worklist.loadPage = async () => { throw new Error('The server does not answer.'); };
  await worklist.reload();
  assert.deepEqual([worklist.state.status, worklist.state.message], ['failed', 'The server does not answer.']);
  worklist.loadPage = async () => pages[0];
  await worklist.reload();
  assert.deepEqual([worklist.state.status, worklist.state.message], ['ready', '']);
});

test('key: j and k walk and stay in the list, Enter looks', () => {
  press('j', 'j', 'k', 'k', 'k', 'Enter', 'j', 'j', 'j', 'j', 'Enter');
  assert.deepEqual(looked, ['a', 'c']);
});

test('key: without a current card nothing is judged', () => {
  press('a', 'd', 's', 'c', ' ', 'Enter');
  assert.deepEqual([judged, looked, worklist.state.nAsked], [[], [], 0]);
});

test('key: a accepts what the card suggests and goes to the next one', () => {
  press('j', 'a');
  assert.deepEqual(judged, [['accept', ['a'], 'dog']]);
  assert.equal(worklist.state.current, 'b');
});

test('key: marked cards are judged together, by the class that is suggested', () => {
  press('j', ' ', 'j', ' ', 'j', ' ', 'a');
  assert.deepEqual(judged, [['accept', ['a', 'b'], 'dog'], ['accept', ['c'], 'fox']]);
  assert.equal(worklist.state.marked.size, 0);
});

test('key: d keeps the labels of all that are marked in one entry', () => {
  press('j', ' ', 'j', ' ', 'd');
  assert.deepEqual(judged, [['dismiss', ['a', 'b'], null]]);
});

test('key: a asks for the class if a card suggests none', async () => {
  pages[0].cards = [card('a', 'cat')];
  await worklist.reload();
  press('j', 'a');
  assert.deepEqual([judged, worklist.state.nAsked], [[], 1]);
});

test('key: Escape clears the marks, and means nothing else', () => {
  press('j', ' ');
  assert.equal(worklist.key('Escape'), true);
  assert.equal(worklist.state.marked.size, 0);
  assert.equal(worklist.key('Escape'), false);
});

test('key: u takes back', () => {
  press('u');
  assert.equal(undone, 1);
});

test('accept: one class for all leaves those alone that have it', async () => {
  await worklist.more();
  worklist.markAll();
  worklist.accept('dog');
  assert.deepEqual(judged, [['accept', ['a', 'b', 'c'], 'dog']]);
});

test('accept: says so if all have the class already', () => {
  press('j');
  worklist.accept('cat');
  assert.deepEqual([judged, said], [[], ['Nothing to do: all have the class cat already.']]);
});

test('mark: through marks all in between, in both directions', () => {
  worklist.mark('c');
  worklist.mark('a', true);
  assert.deepEqual([...worklist.state.marked].sort(), ['a', 'b', 'c']);
});

test('key: of points without a class no label is kept, which is said, and nobody walks on', async () => {
  pages[0] = { cards: [card('a', null), card('b', null), card('c', 'cat')], hasMore: false };
  await worklist.reload();
  press('j', 'd');
  assert.deepEqual([worklist.state.current, judged], ['a', []]);
  assert.match(said[0], /no label to keep/);
  worklist.markAll();
  press('d');
  assert.deepEqual(judged, [['dismiss', ['c'], null]]);
});
