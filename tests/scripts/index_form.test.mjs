import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FIRST_ORDER } from '../../explorer/assets/page/jobs/index_order.mjs';
import { IndexForm } from '../../explorer/assets/page/jobs/index_form.mjs';
import { RunsStore } from '../../explorer/assets/page/jobs/runs_store.mjs';

const storage = { getItem: () => null, setItem: () => {} };
const answer = (status, body) => ({ ok: status < 400, status, json: async () => body });

/** A form whose server starts run "a"; `tell` says how it is. */
function makeForm(respond = {}) {
  const server = { run: { id: 'a', kind: 'index', state: 'running', stage: 'starting' }, nStarted: 0 };
  const send = async (url, init) => {
    if (respond[url]) return respond[url];
    return answer(200, init?.method === 'POST' ? server.run : [server.run]);
  };
  const runs = new RunsStore(send, { changed: () => {}, wait: () => {} });
  const form = new IndexForm(runs, { send, storage, started: () => { server.nStarted += 1; } });
  form.show();
  form.change({ ...FIRST_ORDER, source: '/data/pets' });
  const tell = async (changes) => { Object.assign(server.run, changes); await runs.refresh(); };
  return { form, server, tell };
}

test('start: stays open until the source was read, then shows the run', async () => {
  const { form, server, tell } = makeForm();
  await form.start();
  assert.deepEqual([form.state.step, form.state.isOpen], ['opening', true]);
  await tell({ stage: 'embedding' });
  assert.deepEqual([form.state.isOpen, server.nStarted], [false, 1]);
});

test('start: a fault of the source is told in the form, which can be mended', async () => {
  const { form, server, tell } = makeForm();
  await form.start();
  await tell({ state: 'failed', error: { detail: '/data/pets does not exist' } });
  assert.deepEqual([form.state.isOpen, form.state.step, form.state.words, server.nStarted], [true, 'open', '/data/pets does not exist', 0]);
});

test('start: a run that was over at once is shown too', async () => {
  const { form, server, tell } = makeForm();
  await form.start();
  await tell({ state: 'succeeded' });
  assert.deepEqual([form.state.isOpen, server.nStarted], [false, 1]);
});

test('start: an impossible field is told without asking the server', async () => {
  const { form } = makeForm({ 'api/v1/runs': answer(500, {}) });
  form.change({ ...FIRST_ORDER, source: '/x', padding: 'wide' });
  await form.start();
  assert.match(form.state.words, /Padding 'wide'/);
});

test('start: without the right it says where the right is', async () => {
  const { form } = makeForm({ 'api/v1/runs': answer(403, { detail: 'this client may not index', code: 'NotAllowedError' }) });
  await form.start();
  assert.match(form.state.words, /not open on the server's own machine/);
  assert.equal(form.state.step, 'open');
});

test('close: a run that goes on is not told of later', async () => {
  const { form, server, tell } = makeForm();
  await form.start();
  form.close();
  await tell({ state: 'failed', error: { detail: 'late' } });
  assert.deepEqual([form.state.words, server.nStarted], ['', 0]);
});

test('upload: the folder becomes the source', async () => {
  const { form } = makeForm({ 'api/v1/uploads': answer(201, { path: '/data/uploads/pets-1', n_files: 2, n_bytes: 3_400_000 }) });
  await form.upload(new File(['zip'], 'pets.zip'));
  assert.equal(form.state.order.source, '/data/uploads/pets-1');
  assert.equal(form.state.unpacked, 'pets.zip: 2 files unpacked, 3.4 MB.');
});

test('upload: a refused archive is told', async () => {
  const { form } = makeForm({ 'api/v1/uploads': answer(422, { detail: "archive 'x.zip' is refused: '../x' leads out of its folder" }) });
  await form.upload(new File(['zip'], 'x.zip'));
  assert.equal(form.state.words, "Archive 'x.zip' is refused: '../x' leads out of its folder");
});

test('upload: one that is too large is not sent', async () => {
  const { form } = makeForm();
  await form.upload({ name: 'big.zip', size: 61e6 });
  assert.match(form.state.words, /'big.zip' has 61 MB; an upload has at most 60/);
});

test('upload: what was unpacked is told as long as it is the source', async () => {
  const { form } = makeForm({ 'api/v1/uploads': answer(200, { path: '/uploads/pets-1', n_files: 3, n_bytes: 2e5 }) });
  await form.upload({ name: 'pets.zip', size: 10 });
  form.change({ ...form.state.order, collection: 'pets' });
  assert.deepEqual([form.state.order.source, form.state.unpacked], ['/uploads/pets-1', 'pets.zip: 3 files unpacked, 0.2 MB.']);
  form.change({ ...form.state.order, source: '/data/garden' });
  assert.equal(form.state.unpacked, '');
});
