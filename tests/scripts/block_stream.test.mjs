import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { streamMap } from '../../explorer/assets/map/block_stream.mjs';

const { fetch: ownFetch } = globalThis;

afterEach(() => {
  globalThis.fetch = ownFetch;
});

/** @param {BodyInit} body @param {number} status */
function answer(body, status = 200) {
  globalThis.fetch = async () => new Response(body, { status });
}

function header(nPoints, blockRows, nClasses) {
  const bytes = new DataView(new ArrayBuffer(16));
  [...'LKM1'].forEach((letter, place) => bytes.setUint8(place, letter.charCodeAt(0)));
  [nPoints, blockRows, nClasses].forEach((number, place) => bytes.setUint32(4 + 4 * place, number, true));
  return new Uint8Array(bytes.buffer);
}

/** @param {number[][]} rows of x, y, class, score */
function block(rows) {
  const bytes = new DataView(new ArrayBuffer(Math.ceil((7 * rows.length) / 4) * 4));
  rows.forEach((row, place) => {
    for (let column = 0; column < 3; column++) bytes.setUint16(2 * (column * rows.length + place), row[column], true);
    bytes.setUint8(6 * rows.length + place, row[3]);
  });
  return new Uint8Array(bytes.buffer);
}

test('streamMap reads blocks and their padding', async () => {
  answer(Buffer.concat([header(3, 2, 2), block([[1, 10, 0, 0], [2, 20, 1, 254]]), block([[3, 30, 65535, 255]])]));
  const seen = [];
  await streamMap('/map', {
    onHeader: (read) => seen.push(read),
    onBlock: ({ x, y, classIndex, score }) => seen.push([[...x], [...y], [...classIndex], [...score]]),
  });
  assert.deepEqual(seen, [
    { nPoints: 3, blockRows: 2, nClasses: 2 },
    [[1, 2], [10, 20], [0, 1], [0, 254]],
    [[3], [30], [65535], [255]],
  ]);
});

for (const [name, body, status, message] of [
  ['a map that ends early', header(9, 9, 1), 200, /ended 64 bytes early/],
  ['a page', '<!doctype html>..', 200, /it starts with "<!do"/],
  ['a refusal', '{}', 404, /could not be loaded \(status 404\)/],
]) {
  test(`streamMap says what is wrong with ${name}`, async () => {
    answer(body, status);
    await assert.rejects(streamMap('/map', { onHeader() {}, onBlock() {} }), message);
  });
}

test('streamMap lets go of an answer that nobody waits for any more', async () => {
  const leaving = new AbortController();
  let isLetGo = false;
  const body = new ReadableStream({ start: (bytes) => bytes.enqueue(header(9, 9, 1)), cancel() { isLetGo = true; } });
  const reading = streamMap(Promise.resolve(new Response(body)), { signal: leaving.signal, onHeader: () => leaving.abort(), onBlock() {} });
  await assert.rejects(reading);
  assert.ok(isLetGo);
});
