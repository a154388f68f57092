import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askingWords } from '../../explorer/assets/page/search/model_state.mjs';
import { mostOf, placesOf, SimilarStore } from '../../explorer/assets/page/similar/similar_store.mjs';

const neighbor = (id, name, score = 0.9) => ({ point: { id, class_name: name, image_name: `${id}.png` }, score });
const settle = () => new Promise((done) => { setTimeout(done); });

const answerOf = (body, status) => ({ ok: status < 400, status, json: async () => body, clone: () => answerOf(body, status) });

/** A store whose answers are given by hand, in any order. */
function makeStore({ conditions = {} } = {}) {
  const seen = { urls: [], bodies: [], answers: [], found: [], models: [] };
  const store = new SimilarStore({
    send: (url, init) => {
      if (url.endsWith('/neighbors/model')) return new Promise((give) => { seen.models.push((body, ok = true) => give({ ok, json: async () => body })); });
      seen.urls.push(url);
      seen.bodies.push(typeof init.body === 'string' ? JSON.parse(init.body) : init.body);
      return new Promise((give) => { seen.answers.push((body, status = 200) => give(answerOf(body, status))); });
    },
    conditions: () => conditions,
    found: (results) => seen.found.push(results),
    limit: 20,
  });
  return { store, seen };
}

test('search: asks for neighbors of a point, and says what lights up on the map', async () => {
  const { store, seen } = makeStore({ conditions: { dataset: 'pets/indoor' } });
  store.openCollection('my pets');
  store.search({ kind: 'point', id: 'a', reveals: true });
  assert.equal(store.state.isAsking, true);
  seen.answers[0]({ neighbors: [neighbor('b', 'dog')], why_empty: null });
  await settle();
  assert.deepEqual(seen.urls, ['api/v1/collections/my%20pets/neighbors']);
  assert.deepEqual(seen.bodies, [{ ids: ['a'], limit: 20, filter: { dataset: 'pets/indoor' } }]);
  assert.deepEqual(store.state.neighbors.map(({ point }) => point.id), ['b']);
  assert.deepEqual(seen.found.at(-1), { of: 'a', ids: ['b'], reveals: true });
});

test('search: a point that was chosen before its collection is known is asked for then', () => {
  const { store, seen } = makeStore();
  store.search({ kind: 'point', id: 'a', reveals: false });
  assert.deepEqual(seen.urls, []);
  store.openCollection('pets');
  assert.deepEqual(seen.bodies, [{ ids: ['a'], limit: 20 }]);
});

test('search: the answer to an older question is dropped, older neighbors stay until the new ones come', async () => {
  const { store, seen } = makeStore();
  store.openCollection('pets');
  store.search({ kind: 'point', id: 'a', reveals: false });
  seen.answers[0]({ neighbors: [neighbor('b', 'dog')], why_empty: null });
  await settle();
  store.search({ kind: 'point', id: 'c', reveals: false });
  store.search({ kind: 'point', id: 'd', reveals: false });
  seen.answers[1]({ neighbors: [neighbor('late', 'dog')], why_empty: null });
  await settle();
  assert.deepEqual([store.state.neighbors[0].point.id, store.state.isAsking], ['b', true]);
  seen.answers[2]({ neighbors: [neighbor('e', 'dog')], why_empty: null });
  await settle();
  assert.deepEqual([store.state.neighbors[0].point.id, store.state.isAsking], ['e', false]);
});

test('clear: an answer that comes after it is dropped', async () => {
  const { store, seen } = makeStore();
  store.openCollection('pets');
  store.search({ kind: 'point', id: 'a', reveals: false });
  store.clear();
  seen.answers[0]({ neighbors: [neighbor('b', 'dog')], why_empty: null });
  await settle();
  assert.deepEqual([store.state.example, store.state.neighbors], [null, []]);
  assert.deepEqual(seen.found, [{ of: null, ids: [], reveals: false }]);
});

test('search: an image goes whole, with the filter, and takes the place of the selected point', async () => {
  const { store, seen } = makeStore({ conditions: { class_name: 'cat' } });
  store.openCollection('pets');
  store.search({ kind: 'image', file: new Blob(['pixels']), name: 'sofa.png', url: 'blob:1', reveals: true });
  assert.deepEqual(seen.urls, ['api/v1/collections/pets/neighbors/image']);
  const [form] = seen.bodies;
  assert.deepEqual([form.get('file').name, form.get('limit'), form.get('filter')], ['sofa.png', '20', '{"class_name":"cat"}']);
  seen.answers[0]({ neighbors: [neighbor('b', 'dog')], why_empty: null });
  await settle();
  assert.deepEqual(seen.found.at(-1), { of: null, ids: ['b'], reveals: true });
});

for (const example of [
  { kind: 'point', id: 'a', reveals: true },
  { kind: 'image', file: new Blob(['pixels']), name: 'sofa.png', url: 'blob:1', reveals: true },
]) {
  test(`searchAgain: the map stays where it is, with what is similar to a ${example.kind}`, async () => {
    const { store, seen } = makeStore();
    store.openCollection('pets');
    store.search(example);
    store.searchAgain();
    seen.answers[1]({ neighbors: [neighbor('b', 'dog')], why_empty: null });
    await settle();
    assert.deepEqual([seen.found.length, seen.found.at(-1).reveals], [1, false]);
  });
}

test('search: a box is of the point that stays selected', async () => {
  const { store, seen } = makeStore();
  store.openCollection('pets');
  store.search({ kind: 'box', id: 'a', box: [10, 20, 60, 90], reveals: false });
  assert.deepEqual(seen.bodies, [{ id: 'a', box: [10, 20, 60, 90], limit: 20 }]);
  seen.answers[0]({ neighbors: [], why_empty: 'there is no other point' });
  await settle();
  assert.deepEqual(seen.found.at(-1), { of: 'a', ids: [], reveals: false });
  assert.equal(store.state.why, 'there is no other point');
});

test('search: what is wrong is told, and asked again on demand', async () => {
  const { store, seen } = makeStore();
  store.openCollection('pets');
  store.search({ kind: 'point', id: 'a', reveals: true });
  seen.answers[0]({ detail: 'the disk is full' }, 500);
  await settle();
  assert.deepEqual([store.state.fault, store.state.isAsking], ['The disk is full', false]);
  assert.deepEqual(seen.found.at(-1), { of: 'a', ids: [], reveals: false });
  store.searchAgain();
  seen.answers[1]({ neighbors: [neighbor('b', 'dog')], why_empty: null });
  await settle();
  assert.deepEqual([store.state.fault, store.state.neighbors.length], ['', 1]);
});

test('search: an unknown point has no neighbors to show, which the inspector says', async () => {
  const { store, seen } = makeStore();
  store.openCollection('pets');
  store.search({ kind: 'point', id: 'a', reveals: true });
  seen.answers[0]({ detail: "no point 'a' in collection 'pets'", code: 'PointNotFoundError' }, 404);
  await settle();
  assert.deepEqual([store.state.example, store.state.isAsking, store.state.fault], [null, false, '']);
  assert.deepEqual(seen.found.at(-1), { of: null, ids: [], reveals: false });
});

test('openCollection: another one shows nothing of the first', async () => {
  const { store, seen } = makeStore();
  store.openCollection('pets');
  store.search({ kind: 'point', id: 'a', reveals: false });
  seen.answers[0]({ neighbors: [neighbor('b', 'dog')], why_empty: null });
  await settle();
  store.openCollection('cars');
  assert.deepEqual([store.state.example, store.wanted], [null, null]);
});

test('placesOf: leaves out what the map does not know', async () => {
  const asked = [];
  const send = async (url, { body }) => {
    asked.push([url, JSON.parse(body)]);
    return { ok: true, status: 200, json: async () => [{ id: 'a', row: 7 }, { id: 'c', row: 2 }] };
  };
  const rowUrl = 'api/v1/collections/pets/projections/m1/rows';
  const places = await placesOf(send, rowUrl, { of: 'a', ids: ['b', 'c'], reveals: true });
  assert.deepEqual(asked, [[rowUrl, { ids: ['a', 'b', 'c'] }]]);
  assert.deepEqual(places, { row: 7, neighbors: [{ id: 'c', row: 2 }], reveal: true });
  assert.deepEqual((await placesOf(send, rowUrl, { of: null, ids: ['c'], reveals: true })).row, -1);
});

test('placesOf: nothing needs no answer', async () => {
  assert.deepEqual(await placesOf(() => assert.fail(), 'rows', { of: null, ids: [], reveals: false }), { row: -1, neighbors: [], reveal: false });
});

test('mostOf: the class of most, the nearest one of several', () => {
  assert.deepEqual(mostOf([neighbor('a', 'dog'), neighbor('b', null), neighbor('c', null)]), { name: null, count: 2 });
  assert.deepEqual(mostOf([neighbor('a', 'dog'), neighbor('b', 'cat')]), { name: 'dog', count: 1 });
  assert.deepEqual(mostOf([]), { name: null, count: 0 });
});

test('search: by an image or a box it says which model is loaded first, by a point it waits for none', async () => {
  const { store, seen } = makeStore();
  store.openCollection('pets');
  store.search({ kind: 'point', id: 'a', reveals: false });
  assert.equal(seen.models.length, 0);
  store.search({ kind: 'image', file: new Blob(['x']), name: 'x.png', url: '', reveals: true });
  store.search({ kind: 'box', id: 'a', box: [0, 0, 9, 9], reveals: false });
  seen.models[0]({ embedder: 'timm:late', is_loaded: false });
  await settle();
  assert.equal(askingWords(store.state.loads), 'Searching …');
  seen.models[1]({ embedder: 'timm:resnet50', is_loaded: false });
  await settle();
  assert.equal(askingWords(store.state.loads), 'Loading the model resnet50, once …');
  seen.answers[2]({ neighbors: [neighbor('b', 'dog')], why_empty: null });
  await settle();
  assert.equal(store.state.isAsking, false);
  store.search({ kind: 'box', id: 'a', box: [0, 0, 9, 9], reveals: false });
  seen.models[2]({ detail: 'gone' }, false);
  await settle();
  assert.equal(askingWords(store.state.loads), 'Searching …');
});

test('SimilarStore: neighbors are of what fits the filter, or of all points if somebody wants that', async () => {
  const { store, seen } = makeStore({ conditions: { class_name: ['cat'] } });
  store.openCollection('pets');
  void store.search({ kind: 'point', id: 'a', reveals: false });
  seen.answers[0]({ neighbors: [], why_empty: null });
  await new Promise(setImmediate);
  assert.deepEqual([store.state.hasFilter, store.state.isWide], [true, false]);
  store.widen(true);
  seen.answers[1]({ neighbors: [], why_empty: null });
  await new Promise(setImmediate);
  assert.deepEqual([store.state.hasFilter, store.state.isWide], [true, true]);
  assert.deepEqual(seen.bodies.map(({ filter }) => filter), [{ class_name: ['cat'] }, undefined]);
});

test('askAhead: a search by that point has its neighbors without a question, under the filter that it was asked with', async () => {
  const conditions = {};
  const { store, seen } = makeStore({ conditions });
  store.openCollection('pets');
  const ahead = store.askAhead('b');
  const told = { neighbors: [neighbor('c', 'dog')], why_empty: null };
  seen.answers[0](told);
  assert.deepEqual((await ahead).map(({ point }) => point.id), ['c']);
  await store.search({ kind: 'point', id: 'b', reveals: false });
  assert.deepEqual([store.state.neighbors[0].point.id, seen.urls.length], ['c', 1]);
  void store.askAhead('b');
  conditions.dataset = 'pets/indoor';
  void store.search({ kind: 'point', id: 'b', reveals: false });
  assert.deepEqual(seen.bodies.at(-1).filter, { dataset: 'pets/indoor' });
});

test('askAhead: what cannot be answered is asked for again by the search, which says why', async () => {
  const { store, seen } = makeStore();
  store.openCollection('pets');
  const ahead = store.askAhead('b');
  seen.answers[0]({ detail: 'the server starts' }, 503);
  assert.deepEqual(await ahead, []);
});
