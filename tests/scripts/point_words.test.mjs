import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comparedNames, momentText, payloadRows, verdictButtons } from '../../explorer/assets/page/point/point_words.mjs';

const CAT = { id: 'a', class_name: 'cat', payload: {} };

test('verdictButtons: say what they do', () => {
  const buttons = verdictButtons(CAT, { suggested_class: 'dog', reason: '' });
  assert.deepEqual(buttons.map(({ words }) => words), ['→ dog', 'Keep cat', 'Later']);
  assert.deepEqual(buttons.map(({ title }) => title), ['Accept: it is dog (a)', 'Keep: cat is right (d)', 'Later: decide it then (s)']);
  assert.deepEqual(buttons.map(({ className }) => className), ['dog', null, null]);
});

test('verdictButtons: a point that is no suspect can be judged too', () => {
  const buttons = verdictButtons(CAT, null);
  assert.deepEqual(buttons.map(({ words }) => words), ['→ what its neighbors are', 'Keep cat', 'Later']);
  assert.equal(buttons[0].className, null);
});

test('verdictButtons: a point without a class has nothing to dismiss', () => {
  assert.deepEqual(verdictButtons({ ...CAT, class_name: null }, null).map(({ title }) => title), ['Accept: it is what its neighborhood says (a)', 'Later: decide it then (s)']);
});

test('verdictButtons: a group is judged as one', () => {
  const buttons = verdictButtons(CAT, { suggested_class: 'dog', reason: '', group: ['a', 'b', 'c'] });
  assert.deepEqual(buttons.map(({ words }) => words), ['→ dog, all 3', 'Keep cat, all 3', 'Later']);
  assert.equal(buttons[0].title, 'Accept all 3: it is dog (a)');
});

test('verdictButtons: classes that would take more than a line are left to the lines above', () => {
  const suspect = { suggested_class: 'a-dog-of-medium-size-and-fur', reason: '' };
  assert.deepEqual(verdictButtons(CAT, suspect).map(({ words }) => words), ['Accept', 'Keep', 'Later']);
  assert.deepEqual(verdictButtons(CAT, { ...suspect, group: ['a', 'b'] }).map(({ words }) => words), ['Accept all 2', 'Keep all 2', 'Later']);
  assert.equal(verdictButtons(CAT, suspect)[0].title, 'Accept: it is a-dog-of-medium-size-and-fur (a)');
  const unknown = verdictButtons({ ...CAT, class_name: 'a-cat-of-medium-size-and-fur' }, null);
  assert.deepEqual(unknown.map(({ words }) => words), ['→ what its neighbors are', 'Keep', 'Later']);
});

test('comparedNames: names that are too long for three lines lose what they share, then their middle', () => {
  const folder = 'warehouse/section-north/shelf-lower/fasteners/';
  const long = { class_name: `${folder}hexagon-head-bolts-metric` };
  const reason = `8 of its 10 nearest are ${folder}hexagon-head-bolts-imperial`;
  assert.deepEqual(comparedNames(long, { suggested_class: `${folder}hexagon-head-bolts-imperial`, reason }), {
    given: '…/hexagon-head-bolts-metric', suggested: '…/hexagon-head-bolts-imperial', areLong: true,
    reason: '8 of its 10 nearest are …/hexagon-head-bolts-imperial',
  });
  assert.equal(comparedNames(long, null).given.length, 64);
  assert.deepEqual(comparedNames(CAT, { suggested_class: 'a-dog-of-medium-size-and-fur', reason: '' }), {
    given: 'cat', suggested: 'a-dog-of-medium-size-and-fur', areLong: true, reason: '',
  });
  assert.equal(comparedNames(CAT, { suggested_class: 'dog', reason: '' }).areLong, false);
});

test('payloadRows: are readable and ordered', () => {
  const rows = payloadRows({
    pixels_hash: 'abc', box: [10, 20, 50, 80], image_size_hw: [300, 400], class_name: 'cat', image_name: 'sofa.jpg',
    object_updated_at: '2026-01-05T14:03:20+02:00', tags: ['left', 'blurred'], area_share: 0.12345, n_legs: 4, dataset: '', notes: [], shape: {}, review: { who: 'Ann' },
  });
  assert.deepEqual(rows.plain, [
    ['Class', 'cat'], ['Image', 'sofa.jpg'], ['Image size', '400 × 300 px'], ['Box', '40 × 60 px at 10, 20'], ['Tags', 'left, blurred'],
    ['Object edited', '05 Jan 2026 12:03 UTC'], ['area share', '0.123'], ['n legs', '4'],
  ]);
  assert.deepEqual(rows.technical, [['Pixels hash', 'abc']]);
});

test('payloadRows: what change detection compares is technical', () => {
  const rows = payloadRows({ class_name: 'cat', pixels_stamp: '17-10', annotation_stamp: 'cat', instance_mode: 'images', n_instances: 1 });
  assert.deepEqual(rows.plain, [['Class', 'cat']]);
  assert.deepEqual(rows.technical.map(([name]) => name), ['Stamp of the pixels', 'Stamp of the annotation', 'Indexed as', 'Points of the image']);
});

test('momentText: what is no moment stays as it is', () => {
  assert.equal(momentText('yesterday'), 'yesterday');
});

test('comparedNames: a reason keeps the order of its words between names from right to left', () => {
  const suspect = { id: 'a', class_name: 'חתול', suggested_class: 'כלב', reason: '2 of its 5 nearest are כלב, 1 is חתול', evidence: [] };
  assert.equal(comparedNames({ class_name: 'חתול' }, suspect).reason, '2 of its 5 nearest are \u2068כלב\u2069, 1 is \u2068חתול\u2069');
});
