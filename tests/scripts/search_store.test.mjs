import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askingWords, shortModel } from '../../explorer/assets/page/search/model_state.mjs';
import { SearchStore, whyNoWords } from '../../explorer/assets/page/search/search_store.mjs';

const FOUND = { classes: [{ name: 'cat', count: 2 }], points: [], n_classes: 1, n_points: 0 };

/** A store whose answers are given by hand, in any order. */
function makeStore() {
  const seen = { urls: [], answers: [], acts: [], models: [] };
  const store = new SearchStore((url, init) => {
    if (url.endsWith('/neighbors/model')) return new Promise((give) => { seen.models.push((body) => give({ ok: true, json: async () => body })); });
    seen.urls.push(init?.body ? `${url} ${init.body}` : url);
    return new Promise((give) => { seen.answers.push((status, body) => give({ ok: status < 400, status, json: async () => body })); });
  }, (act) => seen.acts.push(act));
  store.search('my pets');
  const pause = () => { for (const act of seen.acts.splice(0)) act(); };
  const settle = () => new Promise((done) => { setTimeout(done); });
  return { store, seen, pause, settle };
}

test('type: asks once, for the last text', async () => {
  const { store, seen, pause, settle } = makeStore();
  store.type('c');
  store.type('cat ');
  pause();
  assert.deepEqual(seen.urls, ['api/v1/collections/my%20pets/find?text=cat&limit=24']);
  assert.equal(store.state.isAsking, true);
  seen.answers[0](200, FOUND);
  await settle();
  assert.deepEqual([store.state.found, store.state.isAsking, store.state.isOpen], [FOUND, false, true]);
});

test('type: the answer to an older text is dropped', async () => {
  const { store, seen, pause, settle } = makeStore();
  store.type('c');
  pause();
  store.type('d');
  seen.answers[0](200, FOUND);
  await settle();
  assert.equal(store.state.found, null);
});

test('type: nothing to find closes', () => {
  const { store, seen, pause } = makeStore();
  store.type('c');
  store.type('  ');
  pause();
  assert.deepEqual([store.state.isOpen, store.state.isAsking, seen.urls], [false, false, []]);
});

test('findByWords: asks for pictures, and says why there are none', async () => {
  const { store, seen, settle } = makeStore();
  store.type('red shoe');
  const asked = store.findByWords();
  assert.deepEqual(seen.urls, ['api/v1/collections/my%20pets/neighbors/text {"text":"red shoe","limit":24}']);
  seen.answers[0](200, { neighbors: [], why_empty: 'there is no other point' });
  await asked;
  await settle();
  assert.deepEqual(store.state.byWords, { text: 'red shoe', points: [], why: 'there is no other point' });
});

test('findByWords: a refusal has the words of the api', async () => {
  const { store, seen } = makeStore();
  store.type('red shoe');
  const asked = store.findByWords();
  seen.answers[0](422, { detail: 'resnet50 has no text tower' });
  await asked;
  assert.deepEqual([store.state.fault, store.state.isAsking], ['Resnet50 has no text tower', false]);
});

test('findByWords: says which model is loaded first, until there is an answer', async () => {
  const { store, seen, settle } = makeStore();
  store.type('red shoe');
  const asked = store.findByWords();
  assert.equal(askingWords(store.state.loads), 'Searching …');
  seen.models[0]({ embedder: 'hf:openai/clip', is_loaded: false });
  await settle();
  assert.equal(askingWords(store.state.loads), 'Loading the model openai/clip, once …');
  seen.answers[0](200, { neighbors: [], why_empty: null });
  await asked;
  void store.findByWords();
  seen.models[1]({ embedder: 'hf:openai/clip', is_loaded: true });
  await settle();
  assert.deepEqual([store.state.isAsking, store.state.loads], [true, '']);
});

test('search: another collection forgets what was found', async () => {
  const { store, seen, pause, settle } = makeStore();
  store.type('cat');
  pause();
  store.search('cars');
  seen.answers[0](200, FOUND);
  await settle();
  assert.deepEqual([store.state.text, store.state.found, store.state.isOpen], ['', null, false]);
});

test('whyNoWords: only a model that is known to have none', () => {
  assert.match(whyNoWords({ name: 'c', has_text_search: false, embedder: 'timm:resnet50' }), /^resnet50 knows no words/);
  assert.equal(whyNoWords({ name: 'c', has_text_search: true, embedder: 'hf:a/b' }), '');
  assert.equal(whyNoWords({ name: 'c', has_text_search: null, embedder: 'hf:a/b' }), '');
  assert.equal(shortModel('hf:openai/clip'), 'openai/clip');
});
