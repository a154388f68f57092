import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { FacetCounts, fadedRows } from '../../explorer/assets/page/facet_counts.mjs';
import { FilterStore } from '../../explorer/assets/page/filter_store.mjs';

let filter, nChanges;

const words = () => filter.chips().map((chip) => chip.words);

beforeEach(() => {
  filter = new FilterStore();
  nChanges = 0;
  filter.subscribe(() => { nChanges += 1; });
});

test('query: nothing chosen asks for everything', () => {
  assert.deepEqual([filter.query(), filter.isActive, filter.chips()], [{}, false, []]);
});

test('only: a click chooses one value, a second one all again', () => {
  filter.only('class_name', 'cat');
  filter.only('class_name', 'dog');
  assert.deepEqual(filter.query(), { class_name: ['dog'] });
  filter.only('class_name', 'dog');
  assert.deepEqual(filter.query(), {});
});

test('toggle: a box adds a value, and takes it away again', () => {
  filter.toggle('class_name', 'cat');
  filter.toggle('class_name', 'dog');
  filter.toggle('dataset', 'train');
  assert.deepEqual(filter.query(), { class_name: ['cat', 'dog'], dataset: ['train'] });
  filter.toggle('class_name', 'cat');
  assert.deepEqual(filter.query(), { class_name: ['dog'], dataset: ['train'] });
  assert.deepEqual(filter.queryWithoutClasses(), { dataset: ['train'] });
});

test('only: of several chosen values leaves the one', () => {
  filter.toggle('class_name', 'cat');
  filter.toggle('class_name', 'dog');
  filter.only('class_name', 'cat');
  assert.deepEqual(filter.query(), { class_name: ['cat'] });
});

test('setSpan: numbers, days with their whole last day, and bounds in any order', () => {
  filter.setSpan('score', '0.9', '1');
  filter.setSpan('edited', '2026-02-01', '2026-01-02');
  assert.deepEqual(filter.query(), {
    score_from: 0.9, updated_after: '2026-01-02T00:00:00Z', updated_before: '2026-02-01T23:59:59.999999Z',
  });
});

test('setSpan: what is no value is no bound', () => {
  for (const text of ['', '1.5', '-1', 'high', '0']) filter.setSpan('score', text, null);
  filter.setSpan('edited', 'yesterday', '');
  assert.deepEqual(filter.query(), {});
});

test('adopt: days that no calendar has are no bound, and bounds are put in order', () => {
  filter.adopt('?edited-from=2026-13-45&edited-to=2026-02-30&score-from=0.9&score-to=0.1');
  assert.deepEqual(filter.query(), { score_from: 0.1, score_to: 0.9 });
  filter.adopt('?edited-from=0000-01-01&edited-to=2024-02-29');
  assert.deepEqual(filter.query(), { updated_before: '2024-02-29T23:59:59.999999Z' });
});

test('dropUnknown: a state of review that nothing has is left out too', () => {
  filter.adopt('?review=accepted&review=approved');
  assert.deepEqual(filter.dropUnknown({}), [{ noun: 'review', name: 'approved' }]);
  assert.deepEqual(filter.query(), { review: ['accepted'] });
});

test('classFlags: all classes fit until some are chosen', () => {
  assert.deepEqual([...filter.classFlags(['cat', '', 'dog'])], [1, 1, 1]);
  filter.toggle('class_name', '');
  filter.toggle('class_name', 'dog');
  assert.deepEqual([...filter.classFlags(['cat', '', 'dog'])], [0, 1, 1]);
});

test('chips: each condition in words can be taken away', () => {
  filter.toggle('class_name', '');
  filter.toggle('review', 'skipped');
  filter.setSpan('score', '0.9', null);
  assert.deepEqual(words(), ['class no class', 'review left for later', 'score from 0.9']);
  for (const chip of filter.chips().slice(0, 2)) filter.remove(chip);
  assert.deepEqual(words(), ['score from 0.9']);
  filter.remove(filter.chips()[0]);
  assert.equal(filter.isActive, false);
});

test('chips: many values of a facet are one', () => {
  for (const name of 'abcde') filter.toggle('class_name', name);
  assert.deepEqual(words(), ['5 classes']);
  filter.remove(filter.chips()[0]);
  assert.equal(filter.isActive, false);
});

test('adopt: takes back what toLink gave to the address', () => {
  filter.toggle('class_name', 'a & b');
  filter.toggle('class_name', '');
  filter.toggle('tags', 'night');
  filter.setSpan('score', '0.25', '0.75');
  filter.setSpan('edited', '2026-01-02', null);
  const search = new URLSearchParams(Object.entries(filter.toLink()).flatMap(([name, values]) => values.map((one) => [name, one])));
  const other = new FilterStore();
  other.adopt(`?${search}&id=x`);
  assert.deepEqual(other.state, filter.state);
});

test('adopt: of the same address changes nothing, and nonsense is left out', () => {
  filter.adopt('?score-from=high&edited-to=soon&id=x');
  assert.equal(nChanges, 0);
  filter.adopt('?class=cat&score-from=0.5');
  filter.adopt('?class=cat&score-from=0.5');
  assert.equal(nChanges, 1);
});

test('dropUnknown: says what a collection does not have', () => {
  filter.adopt('?class=cat&class=cow&dataset=old');
  assert.deepEqual(filter.dropUnknown({ class_name: ['cat'], dataset: ['new'] }), [
    { noun: 'class', name: 'cow' }, { noun: 'dataset', name: 'old' },
  ]);
  assert.deepEqual(filter.query(), { class_name: ['cat'] });
});

test('dropUnknown: tags and annotators too, and no name at all', () => {
  filter.adopt('?tag=night&tag=blurred&annotator=Ann&annotator=Zoe&annotator=&class=');
  assert.deepEqual(filter.dropUnknown({ class_name: ['cat'], tags: ['night'], annotated_by: ['Ann'] }), [
    { noun: 'class', name: '' }, { noun: 'tag', name: 'blurred' }, { noun: 'annotator', name: 'Zoe' }, { noun: 'annotator', name: '' },
  ]);
  assert.deepEqual(filter.query(), { tags: ['night'], annotated_by: ['Ann'] });
});

test('reload: counts stay until the newest answer, an older one is dropped', async () => {
  const answers = [];
  const counts = new FacetCounts(() => new Promise((resolve) => { answers.push(resolve); }));
  const [first, second] = [counts.reload(), counts.reload()];
  answers[1]({ n_matching: 2 });
  await second;
  answers[0]({ n_matching: 1 });
  await first;
  assert.deepEqual([counts.state.status, counts.state.facets], ['ready', { n_matching: 2 }]);
  const third = counts.reload();
  assert.deepEqual([counts.state.status, counts.state.facets], ['loading', { n_matching: 2 }]);
  answers[2]({ n_matching: 3 });
  await third;
});

test('reload: a failure has its words, and the counts before stay', async () => {
  const counts = new FacetCounts(async () => { throw new Error('The server does not answer.'); });
  await counts.reload();
  assert.deepEqual(counts.state, { status: 'failed', message: 'The server does not answer.', facets: null });
});

test('fadedRows: one bit a row, the lowest bit first', () => {
  assert.deepEqual([...fadedRows(Uint8Array.of(0b00000101, 0b1), 10)], [0, 1, 0, 1, 1, 1, 1, 1, 0, 1]);
});
