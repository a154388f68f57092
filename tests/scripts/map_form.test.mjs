/** The form that makes a map, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MapForm } from '../../explorer/assets/page/jobs/map_form.mjs';
import { RunsStore } from '../../explorer/assets/page/jobs/runs_store.mjs';

const METHODS = [{ name: 'umap', description: '' }, { name: 'pca', description: '' }];
const answer = (status, body) => ({ ok: status < 400, status, json: async () => body });
const settle = () => new Promise((resolve) => { setTimeout(resolve); });

/** A form whose server answers an order once `release` is called. */
async function makeForm(status = 202) {
  const server = { orders: [], nStarted: 0, nAsked: 0, release: () => {} };
  const send = async (url, init) => {
    if (url.endsWith('/catalogue')) {
      server.nAsked += 1;
      return answer(200, { projection_methods: METHODS });
    }
    if (init?.method !== 'POST') return answer(200, []);
    server.orders.push(JSON.parse(init.body));
    await new Promise((resolve) => { server.release = resolve; });
    return answer(status, status < 400 ? { id: 'a', kind: 'project', state: 'running' } : { detail: 'another run is at work' });
  };
  const form = new MapForm(new RunsStore(send, { changed() {}, wait() {} }), { send, started: () => { server.nStarted += 1; } });
  form.show();
  await settle();
  return { form, server };
}

test('start: what was chosen is sent once, however often it is asked for', async () => {
  const { form, server } = await makeForm();
  form.change({ metric: 'euclidean' });
  form.change({ method: 'pca', refit: true });
  void form.start('pets');
  void form.start('pets');
  server.release();
  await settle();
  assert.deepEqual(server.orders, [{ kind: 'project', collection: 'pets', method: 'pca', metric: 'euclidean', refit: true }]);
  assert.deepEqual([form.state.isOpen, form.state.isSending, server.nStarted], [false, false, 1]);
});

test('start: a refusal is told until something is changed, and the order stays', async () => {
  const { form, server } = await makeForm(409);
  form.change({ method: 'pca' });
  void form.start('pets');
  server.release();
  await settle();
  assert.deepEqual([form.state.isOpen, form.state.words, server.nStarted], [true, 'Another run is at work', 0]);
  form.change({ metric: 'euclidean' });
  assert.deepEqual([form.state.words, form.state.order.method], ['', 'pca']);
  void form.start('pets');
  assert.equal(server.orders.length, 2);
});

test('show: a run again is of its own collection, as it was made', async () => {
  const { form, server } = await makeForm();
  form.show({ kind: 'project', collection: 'cars', result: { requested_method: 'pca', method: 'pca', metric: 'euclidean' } });
  void form.start('pets');
  assert.deepEqual(server.orders, [{ kind: 'project', collection: 'cars', method: 'pca', metric: 'euclidean', refit: false }]);
  form.show();
  assert.deepEqual(form.state.order, { collection: null, method: 'umap', metric: 'cosine', refit: false });
  assert.equal(server.nAsked, 1, 'the methods are known');
});

test('start: nothing is sent before the methods are known', async () => {
  const sent = [];
  const send = (url, init) => { sent.push([url, init?.method]); return new Promise(() => {}); };
  const form = new MapForm(new RunsStore(send, { changed() {}, wait() {} }), { send, started() {} });
  form.show();
  void form.start('pets');
  assert.equal(sent.length, 1);
});

test('start: what is told after the form was closed neither closes nor fills the one that was opened again', async () => {
  for (const status of [202, 409]) {
    const { form, server } = await makeForm(status);
    void form.start('pets');
    form.close();
    form.show();
    form.change({ method: 'pca' });
    server.release();
    await settle();
    assert.deepEqual([form.state.isOpen, form.state.isSending, form.state.words, form.state.order.method, server.nStarted], [true, false, '', 'pca', 0]);
  }
});
