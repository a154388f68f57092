import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RunsStore } from '../../explorer/assets/page/jobs/runs_store.mjs';

const run = (id, state) => ({ id, state });
const answer = (status, body) => ({ ok: status < 400, status, json: async () => body });

/** A store whose server answers are given one by one; a request beyond them answers with the last one again. */
function follow(...answers) {
  const seen = { changes: 0, pauses: [], requests: [], go: () => {} };
  const store = new RunsStore(async (url, init) => {
    seen.requests.push(`${init?.method ?? 'GET'} ${url}`);
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next instanceof Error) throw next;
    return next;
  }, {
    changed: () => { seen.changes += 1; },
    wait: (act, afterMs) => { seen.pauses.push(afterMs); seen.go = act; },
  });
  return { store, seen };
}

test('follow: looks slowly while nothing is at work, quickly while something is or somebody looks', async () => {
  const { store, seen } = follow(answer(200, []), answer(200, [run('a', 'running')]), answer(200, [run('a', 'succeeded')]));
  await store.follow();
  await store.follow();
  await store.follow();
  assert.deepEqual(seen.pauses, [4000, 1000, 4000]);
  store.watch(true);
  await new Promise((done) => { setTimeout(done); });
  assert.equal(seen.pauses.at(-1), 1000);
});

test('follow: tells when a run begins and ends, but not of those that were over before', async () => {
  const { store, seen } = follow(
    answer(200, [run('old', 'failed')]), answer(200, [run('a', 'running'), run('old', 'failed')]),
    answer(200, [run('a', 'running'), run('old', 'failed')]), answer(200, [run('a', 'succeeded'), run('old', 'failed')]),
  );
  const counts = [];
  for (let turn = 0; turn < 4; turn += 1) {
    await store.follow();
    counts.push(seen.changes);
  }
  assert.deepEqual(counts, [0, 1, 1, 2]);
});

test('follow: a run that is at work when the page opens is told of', async () => {
  const { store, seen } = follow(answer(200, [run('a', 'running')]));
  await store.follow();
  assert.equal(seen.changes, 1);
});

test('refresh: without an answer the runs stay, and it says so', async () => {
  const { store } = follow(answer(200, [run('a', 'running')]), new TypeError('Failed to fetch'), answer(200, []));
  await store.refresh();
  await store.refresh();
  assert.match(store.state.fault, /does not answer/);
  assert.equal(store.running.length, 1);
  await store.refresh();
  assert.equal(store.state.fault, '');
});

test('cancel: the run is marked at once, until it is over', async () => {
  const { store, seen } = follow(answer(200, [run('a', 'running')]), answer(200, run('a', 'running')), answer(200, [run('a', 'running')]), answer(200, [run('a', 'cancelled')]));
  await store.refresh();
  const cancelling = store.cancel('a');
  assert.deepEqual(store.state.cancelled, ['a']);
  await cancelling;
  assert.deepEqual(store.state.cancelled, ['a']);
  await store.refresh();
  assert.deepEqual(store.state.cancelled, []);
  assert.equal(seen.requests[1], 'DELETE api/v1/runs/a');
});

test('cancel: a refusal is told, and the button works again', async () => {
  const { store } = follow(answer(404, { detail: "unknown run 'a'" }));
  await store.cancel('a');
  assert.deepEqual([store.state.fault, store.state.cancelled], ["Unknown run 'a'", []]);
});

test('start: a refusal has the words of the api', async () => {
  const { store } = follow(answer(409, { detail: 'run b is at work' }));
  await assert.rejects(store.start({ kind: 'index', source: 'x' }), new Error('Run b is at work'));
});

test('refresh: an older answer that comes late says nothing of how runs are', async () => {
  const held = [];
  const store = new RunsStore(() => new Promise((resolve) => { held.push(resolve); }), { changed() {}, wait() {} });
  const asked = [store.refresh(), store.refresh()];
  held[1](answer(200, [run('a', 'succeeded')]));
  held[0](answer(200, [run('a', 'running')]));
  await Promise.all(asked);
  assert.deepEqual(store.running, []);
});
