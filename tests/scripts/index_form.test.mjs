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

test('start: sends once while its source is being opened', async () => {
  const { form } = makeForm();
  let nSent = 0;
  const start = form.runs.start.bind(form.runs);
  form.runs.start = (request) => { nSent += 1; return start(request); };
  await Promise.all([form.start(), form.start()]);
  await form.start();
  assert.equal(nSent, 1);
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

const LISTING = 'api/v1/sources/datasets?source=%2Fdata%2Fpets';

test('listDatasets: several become a choice, with those that were typed', async () => {
  const { form } = makeForm({ [LISTING]: answer(200, { datasets: ['a,b', 'train', 'val'] }) });
  form.change({ ...form.state.order, datasets: 'val, dawn' });
  const asked = form.listDatasets();
  assert.equal(form.state.listing.status, 'asking');
  await asked;
  assert.deepEqual(form.state.listing, { status: 'told', names: ['a,b', 'train', 'val', 'dawn'], absent: ['dawn'], words: '' });
  assert.deepEqual(form.state.order.datasets, ['val', 'dawn']);
});

test('listDatasets: a single one leaves the field as it was typed', async () => {
  const { form } = makeForm({ [LISTING]: answer(200, { datasets: ['train'] }) });
  form.change({ ...form.state.order, datasets: 'tr' });
  await form.listDatasets();
  assert.deepEqual([form.state.listing.names, form.state.order.datasets], [[], 'tr']);
});

test('listDatasets: why it cannot be told, and asked again later', async () => {
  const answers = { [LISTING]: answer(422, { detail: '/data/pets does not exist' }) };
  const { form } = makeForm(answers);
  await form.listDatasets();
  assert.deepEqual([form.state.listing.status, form.state.listing.words, form.state.words], ['failed', '/data/pets does not exist', '']);
  answers[LISTING] = answer(200, { datasets: ['train', 'val'] });
  await form.listDatasets();
  assert.deepEqual(form.state.listing.names, ['train', 'val']);
});

test('listDatasets: an answer about an earlier source is not taken', async () => {
  const { form } = makeForm({ [LISTING]: answer(200, { datasets: ['train', 'val'] }) });
  const asked = form.listDatasets();
  form.change({ ...form.state.order, source: '/data/cars' });
  await asked;
  assert.equal(form.state.listing.status, 'unknown');
});

test('listDatasets: a server is not asked for', async () => {
  const { form } = makeForm();
  for (const source of ['', ' ', 'supervisely://11']) {
    form.change({ ...form.state.order, source });
    await form.listDatasets();
    assert.equal(form.state.listing.status, 'unknown');
  }
});

test('change: datasets that were checked go with their source', async () => {
  const { form } = makeForm({ [LISTING]: answer(200, { datasets: ['train', 'val'] }) });
  await form.listDatasets();
  form.change({ ...form.state.order, datasets: ['val'] });
  form.change({ ...form.state.order, collection: 'pets' });
  assert.deepEqual([form.state.order.datasets, form.state.listing.status], [['val'], 'told']);
  form.change({ ...form.state.order, source: '/data/cars' });
  assert.deepEqual([form.state.order.datasets, form.state.listing.status], ['', 'unknown']);
});

test('upload: the datasets of the folder are asked for', async () => {
  const { form } = makeForm({
    'api/v1/uploads': answer(201, { path: '/data/pets', n_files: 2, n_bytes: 100 }), [LISTING]: answer(200, { datasets: ['train', 'val'] }),
  });
  form.change({ ...form.state.order, source: '' });
  await form.upload({ name: 'pets.zip', size: 10 });
  await form.listDatasets();
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual(form.state.listing.names, ['train', 'val']);
});

/** A form whose server answers when `held` says so, by address. */
function makeSlowForm() {
  const held = [];
  const send = (url) => new Promise((resolve) => { held.push([url, (body) => resolve(answer(200, body))]); });
  const server = { nStarted: 0 };
  const form = new IndexForm(new RunsStore(send, { changed: () => {}, wait: () => {} }), { send, storage, started: () => { server.nStarted += 1; } });
  const give = async (path, body) => {
    const place = held.findIndex(([url]) => url === path);
    const [[, answerIt]] = held.splice(place, 1);
    answerIt(body);
    await new Promise((done) => { setTimeout(done); });
  };
  form.show();
  return { form, server, give };
}

const RUNS = 'api/v1/runs';
const UPLOADS = 'api/v1/uploads';
const unpackedAt = (path) => ({ path, n_files: 2, n_bytes: 3_400_000 });

test('upload: an archive that is unpacked late takes the place of no source that was typed meanwhile', async () => {
  const { form, give } = makeSlowForm();
  void form.upload({ name: 'pets.zip', size: 10 });
  form.change({ ...form.state.order, source: 'supervisely://7' });
  assert.equal(form.state.step, 'open');
  await give(UPLOADS, unpackedAt('/uploads/pets-1'));
  assert.deepEqual([form.state.order.source, form.state.unpacked], ['supervisely://7', '']);
});

test('upload: the last archive counts, and none after the form was closed', async () => {
  const { form, give } = makeSlowForm();
  void form.upload({ name: 'pets.zip', size: 10 });
  void form.upload({ name: 'cars.zip', size: 10 });
  await give(UPLOADS, unpackedAt('/uploads/pets-1'));
  assert.deepEqual([form.state.step, form.state.order.source], ['uploading', '']);
  form.close();
  form.show();
  await give(UPLOADS, unpackedAt('/uploads/cars-1'));
  assert.deepEqual([form.state.step, form.state.order.source], ['open', '']);
});

test('close: an order that is answered late does not close the form that was opened again', async () => {
  const { form, server, give } = makeSlowForm();
  form.change({ ...FIRST_ORDER, source: '/data/pets' });
  void form.start();
  form.close();
  form.show();
  const run = { id: 'a', kind: 'index', state: 'running', stage: 'embedding' };
  await give(RUNS, run);
  await give(RUNS, [run]);
  assert.deepEqual([form.state.isOpen, form.state.step, server.nStarted], [true, 'open', 0]);
});
