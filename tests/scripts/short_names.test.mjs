import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shortenAmong, shortNameAmong } from '../../explorer/assets/map/short_names.mjs';

const SHELVES = Array.from({ length: 1000 }, (_, number) => `warehouse_shelf_${String(number).padStart(4, '0')}_front_view_closed_1`);

test('shortenAmong: names that fit stay, others lose their middle', () => {
  assert.deepEqual([...shortenAmong(['tea', 'a-pot-of-black-tea'], 9).values()], ['tea', 'a-po…-tea']);
});

test('shortenAmong: names that differ in the middle keep it', () => {
  const short = shortenAmong(SHELVES, 18);
  assert.equal(short.get(SHELVES[7]), '…0007…');
  assert.equal(new Set(short.values()).size, 1000);
});

test('shortenAmong: a name of another kind does not spoil it', () => {
  const short = shortenAmong([...SHELVES, 'background-of-the-whole-picture-0'], 18);
  assert.equal(short.get(SHELVES[999]), '…0999…');
  assert.equal(new Set(short.values()).size, 1001);
});

test('shortenAmong: what cannot be told apart otherwise stays in full', () => {
  const names = ['aaaaaaaa1zzzzzzzz', 'aaaaaaaa2zzzzzzzz'];
  assert.deepEqual([...shortenAmong(names, 9).values()], names);
});

test('shortNameAmong: a name that is not one of them is shortened too', () => {
  assert.equal(shortNameAmong(['tea'], 'abcdefghijklmnopqrstuvwxyz', 9), 'abcd…wxyz');
});

test('shortenAmong: names of two groups do not become one', () => {
  const names = ['filled', 'outlined'].flatMap((ink) => ['upper', 'lower'].map((size) => `symbols-alphabets-english-${ink}-${size}case`));
  for (const longest of [18, 24, 30]) assert.equal(new Set(shortenAmong(names, longest).values()).size, 4, String(longest));
  assert.equal(shortenAmong(names, 24).get(names[0]), '…filled-uppercase');
  for (const longest of [13, 15]) assert.ok(Math.max(...[...shortenAmong(names, longest).values()].map(({ length }) => length)) <= longest);
  assert.deepEqual([...shortenAmong(names, 13).values()], ['…fille-upper', '…fille-lower', '…outli-upper', '…outli-lower']);
});
