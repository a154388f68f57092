import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Saving } from '../../explorer/assets/page/worklists/saving.mjs';

const ALL = { what: 'all', conditions: {}, folder: null };

/** What the browser was given, and a page whose server answers as told. */
function open(api) {
  const given = [];
  const hand = { giveText: (...what) => given.push(what), giveFile: (...what) => given.push(what) };
  const tools = {
    api: { fileUrl: (path) => `/api${path}`, ...api },
    collection: { name: 'digits' },
    judged: { refresh: async () => {}, state: { ofPoint: new Map() } },
  };
  return { saving: new Saving(tools, hand), given };
}

test('a file that the server wrote is handed to the browser by its address', async () => {
  const sent = [];
  const { saving, given } = open({
    post: async (path, body) => { sent.push([path, body]); return { id: 'r', state: 'running' }; },
    finish: async () => ({ n_points: 1200, path: 'digits-instances.json', download: '/exports/k', left_out: { 'no class': 3 } }),
  });
  await saving.save({ ...ALL, format: 'server-coco' });
  assert.deepEqual(sent, [['/exports', { folder: null, format: 'coco', filter: null }]]);
  assert.deepEqual(given, [['digits-instances.json', '/api/exports/k']]);
  assert.equal(saving.state.words, '1,200 points written; your browser saves digits-instances.json. 3 left out: no class.');
  assert.equal(saving.state.isBusy, false);
});

test('a file in a folder of the server stays there', async () => {
  const { saving, given } = open({
    post: async () => ({ id: 'r', state: 'running' }),
    finish: async () => ({ n_points: 1, path: '/data/points.parquet', download: null, left_out: {} }),
  });
  await saving.save({ ...ALL, format: 'server-parquet', folder: '/data' });
  assert.deepEqual(given, []);
  assert.equal(saving.state.words, '1 point written to /data/points.parquet.');
});

test('a stop cancels the run of the server, also one that has no name yet, and saves nothing', async () => {
  const cancelled = [];
  let answer;
  const { saving, given } = open({
    post: () => new Promise((resolve) => { answer = resolve; }),
    cancel: async (id) => { cancelled.push(id); },
    finish: async () => { throw new Error('Cancelled on request.'); },
  });
  const done = saving.save({ ...ALL, format: 'server-coco' });
  await saving.stop();
  answer({ id: 'r', state: 'running' });
  await done;
  assert.deepEqual([cancelled, given], [['r'], []]);
  assert.deepEqual([saving.state.words, saving.state.isError], ['Stopped. Nothing was saved.', false]);
});

test('a stop ends a table between two pages', async () => {
  const { saving, given } = open({
    post: async (_, { offset }) => {
      if (offset > 0) void saving.stop();
      return { points: [{ id: `p${offset}` }], next_offset: offset + 1, total: 9 };
    },
  });
  await saving.save({ ...ALL, format: 'csv' });
  assert.deepEqual(given, []);
  assert.equal(saving.state.words, 'Stopped. Nothing was saved.');
});

test('what goes wrong is said, and the next try starts anew', async () => {
  let isBroken = true;
  const { saving, given } = open({
    post: async () => {
      if (isBroken) throw new Error('The disk is full.');
      return { points: [{ id: 'p' }], next_offset: null, total: 1 };
    },
  });
  await saving.save({ ...ALL, format: 'ids' });
  assert.deepEqual([saving.state.words, saving.state.isError, saving.state.isBusy], ['The disk is full.', true, false]);
  isBroken = false;
  await saving.save({ ...ALL, format: 'ids' });
  assert.deepEqual(given, [['digits.txt', 'p\n', 'text/plain']]);
  assert.deepEqual([saving.state.words, saving.state.isError], ['digits.txt was saved.', false]);
});
