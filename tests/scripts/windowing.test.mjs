import assert from 'node:assert/strict';
import test from 'node:test';

import { countColumns, fillLine, scrollTo, sheetHeight, TALLEST_PX, windowOf } from '../../explorer/assets/page/views/windowing.mjs';

const frame = (changes) => ({ nItems: 1000, nColumns: 10, lineHeightPx: 100, heightPx: 500, scrollTopPx: 0, ...changes });

test('countColumns: at least one, however narrow', () => {
  assert.equal(countColumns(1000, 96), 10);
  assert.equal(countColumns(20, 96), 1);
});

test('fillLine: items share what is left of a line, and none is smaller than wanted', () => {
  assert.deepEqual(fillLine(1000, 96, 6), { nColumns: 9, itemPx: 105 });
  assert.deepEqual(fillLine(96, 96, 6), { nColumns: 1, itemPx: 96 });
  assert.deepEqual(fillLine(20, 96, 6), { nColumns: 1, itemPx: 96 });
});

test('windowOf: lines in view and two more on both sides', () => {
  assert.deepEqual(windowOf(frame({})), { first: 0, last: 70, topPx: 0 });
  assert.deepEqual(windowOf(frame({ scrollTopPx: 1000 })), { first: 80, last: 170, topPx: 800 });
  assert.deepEqual(windowOf(frame({ nItems: 13 })), { first: 0, last: 13, topPx: 0 });
  assert.deepEqual(windowOf(frame({ nItems: 0 })), { first: 0, last: 0, topPx: 0 });
});

test('windowOf: the ends of a list too tall for a browser are both reached', () => {
  const tall = frame({ nItems: 20_000_000, nColumns: 1, lineHeightPx: 30 });
  assert.equal(sheetHeight(tall), TALLEST_PX);
  assert.equal(windowOf(tall).first, 0);
  const end = windowOf({ ...tall, scrollTopPx: TALLEST_PX - 500 });
  assert.equal(end.last, 20_000_000);
  assert.ok(end.topPx + (end.last - end.first) * 30 <= TALLEST_PX + 1);
});

test('scrollTo: moves no more than it takes', () => {
  const seen = frame({ scrollTopPx: 1000 });
  assert.equal(scrollTo(seen, 105), 1000);
  assert.equal(scrollTo(seen, 99), 900);
  assert.equal(scrollTo(seen, 150), 1100);
  const tall = frame({ nItems: 20_000_000, nColumns: 1, lineHeightPx: 30 });
  const far = { ...tall, scrollTopPx: scrollTo(tall, 19_999_999) };
  assert.equal(windowOf(far).last, 20_000_000);
});
