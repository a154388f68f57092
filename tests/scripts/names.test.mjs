import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countText, isolated, placeText, shortenClusterName, shortenName, shortenPair, shortenReason, shownName } from '../../explorer/assets/page/worklists/names.mjs';

test('shortenName: a name that fits stays', () => {
  assert.equal(shortenName('signs_and_symbols-flags', 23), 'signs_and_symbols-flags');
});

test('shortenName: a path keeps its last segment', () => {
  assert.equal(shortenName('vehicles/road/heavy/articulated/tank_truck', 26), 'vehicles/road/…/tank_truck');
});

test('shortenName: another name keeps both ends', () => {
  assert.equal(shortenName('abcdefghijklmnopqrstuvwxyz', 9), 'abcd…wxyz');
});

test('shortenPair: folders that both are in are left out, but not of names that are the same', () => {
  assert.deepEqual(shortenPair('food/hot/tea', 'food/cold/pie'), ['…/hot/tea', '…/cold/pie']);
  assert.deepEqual(shortenPair('food/tea', 'food/tea'), ['food/tea', 'food/tea']);
  assert.deepEqual(shortenPair('food/tea', 'fool/tea'), ['food/tea', 'fool/tea']);
});

test('shortenPair: two names that would look alike stay in full', () => {
  assert.deepEqual(shortenPair('aaaaaaaa1zzzzzzzz', 'aaaaaaaa2zzzzzzzz', 9), ['aaaaaaaa1zzzzzzzz', 'aaaaaaaa2zzzzzzzz']);
  assert.deepEqual(shortenPair('aaaaaaaa1zzzzzzzz', 'b', 9), ['aaaa…zzzz', 'b']);
});

test('shortenReason: has the names as they are shown, also if one is a part of the other', () => {
  const reason = '8 of its 10 nearest are food/tea-pot, none is food/tea';
  assert.equal(shortenReason(reason, ['food/tea', 'food/tea-pot'], ['…/tea', '…/tea-pot']), '8 of its 10 nearest are …/tea-pot, none is …/tea');
});

test('shortenClusterName: each class is shortened as elsewhere, and the number stays', () => {
  const classes = ['letters/dotted/punctuation-mark-194', 'letters/filled/uppercase-letter-002'];
  assert.equal(shortenClusterName(`${classes[0]} / ${classes[1]} (3)`, classes, 30), '…/dotted/punctuation-mark-194 / …/filled/uppercase-letter-002 (3)');
  assert.equal(shortenClusterName('odd (2)', ['odd (2)', 'even'], 30), 'odd (2)');
  assert.equal(shortenClusterName('unlabelled (2)', classes, 30), 'unlabelled (2)');
});

test('countText: the noun of one is singular', () => {
  assert.deepEqual([0, 1, 1797].map((count) => countText(count, 'point')), ['0 points', '1 point', '1,797 points']);
  assert.deepEqual([1, 2].map((count) => countText(count, 'class', 'classes')), ['1 class', '2 classes']);
});

test('shownName: as people call it; those that have the same name are told apart', () => {
  const collections = [{ name: 'a', display_name: 'pets' }, { name: 'b', display_name: 'cars' }, { name: 'cars', display_name: null }];
  assert.deepEqual(['a', 'b', 'cars', 'gone'].map((name) => shownName(collections, name)), ['pets', 'cars (b)', 'cars (cars)', 'gone']);
});

test('isolated: only letters from right to left are kept to themselves', () => {
  for (const name of ['cat', 'été', '小型車', 'собака', '3', '', 'no class']) assert.equal(isolated(name), name);
  for (const name of ['חתול', 'قطة', 'cat חתול', '٣', '𐤀']) assert.equal(isolated(name), `\u2068${name}\u2069`);
});

test('shortenReason: a name from right to left leaves the count behind it in its place', () => {
  const reason = '4 of its 9 nearest are חתול, 3 are כלב, and all points together say חתול';
  const told = '4 of its 9 nearest are \u2068חתול\u2069, 3 are \u2068כלב\u2069, and all points together say \u2068חתול\u2069';
  assert.equal(shortenReason(reason, ['כלב', 'חתול']), told);
  assert.equal(shortenReason('2 are US$$, none is cat', ['cat', 'US$$']), '2 are US$$, none is cat');
});

test('placeText: dataset and image keep their order', () => {
  assert.equal(placeText({ dataset: 'train', image_name: 'a.png' }), 'train / a.png');
  assert.equal(placeText({ dataset: 'סט', image_name: 'תמונה.png' }), '\u2068סט\u2069 / \u2068תמונה.png\u2069');
  assert.equal(placeText({ dataset: null, image_name: 'a.png' }), 'a.png');
});
