import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askingWords, shortModel } from '../../explorer/assets/page/search/model_state.mjs';
import { outsideWords, SearchStore, whyNoWords } from '../../explorer/assets/page/search/search_store.mjs';

const FOUND = { classes: [{ name: 'cat', count: 2 }], points: [], n_classes: 1, n_points: 0, n_classes_outside: 0, n_points_outside: 0 };
const OTHER = { ...FOUND, classes: [{ name: 'cat', count: 1 }], n_points_outside: 3 };
const FIND = 'api/v1/collections/my%20pets/find';

/** A store whose answers are given by hand, in any order. */
function makeStore(conditions = {}) {
  const seen = { urls: [], answers: [], acts: [], models: [] };
  const store = new SearchStore((url, init) => {
    if (url.endsWith('/neighbors/model')) return new Promise((give) => { seen.models.push((body) => give({ ok: true, json: async () => body })); });
    seen.urls.push(init?.body ? `${url} ${init.body}` : url);
    return new Promise((give) => { seen.answers.push((status, body) => give({ ok: status < 400, status, json: async () => body })); });
  }, (act) => seen.acts.push(act), () => conditions);
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
  assert.deepEqual(seen.urls, [`${FIND} {"text":"cat","limit":24}`]);
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

/** Types what is looked for, and answers. */
async function find({ store, seen, pause, settle }, text, answer) {
  store.type(text);
  pause();
  seen.answers.at(-1)(200, answer);
  await settle();
}

test('type: finds what fits the filter, until somebody wants all points', async () => {
  const made = makeStore({ class_name: ['cat'] });
  const { store, seen, settle } = made;
  await find(made, 'cat', OTHER);
  assert.deepEqual([store.state.hasFilter, store.state.isWide], [true, false]);
  store.widen(true);
  assert.equal(store.state.isAsking, true);
  seen.answers[1](200, FOUND);
  await settle();
  assert.deepEqual([store.state.found, store.state.hasFilter, store.state.isWide], [FOUND, true, true]);
  assert.deepEqual(seen.urls, [`${FIND} {"text":"cat","limit":24,"class_name":["cat"]}`, `${FIND} {"text":"cat","limit":24}`]);
});

test('searchAgain: another filter asks again, and drops what is answered under the one before', async () => {
  const conditions = { dataset: ['indoor'] };
  const { store, seen, pause, settle } = makeStore(conditions);
  store.type('cat');
  pause();
  conditions.dataset = ['outdoor'];
  store.searchAgain();
  seen.answers[1](200, OTHER);
  await settle();
  seen.answers[0](200, FOUND);
  await settle();
  assert.deepEqual([store.state.found, store.state.isAsking], [OTHER, false]);
  assert.match(seen.urls[1], /"dataset":\["outdoor"\]/);
});

test('searchAgain: a text that is still being typed is asked for once', async () => {
  const { store, seen, pause } = makeStore();
  store.type('cat');
  store.searchAgain();
  pause();
  assert.equal(seen.urls.length, 1);
});

test('searchAgain: results that nobody sees are asked for when they are opened', async () => {
  const made = makeStore();
  const { store, seen, settle } = made;
  await find(made, 'cat', FOUND);
  store.close();
  store.searchAgain();
  assert.equal(seen.urls.length, 1);
  store.open();
  store.open();
  assert.equal(seen.urls.length, 2);
  seen.answers[1](200, OTHER);
  await settle();
  assert.deepEqual(store.state.found, OTHER);
  store.close();
  store.open();
  assert.equal(seen.urls.length, 2);
});

test('searchAgain: nothing was looked for', () => {
  const { store, seen } = makeStore();
  store.searchAgain();
  store.open();
  assert.deepEqual([seen.urls, store.state.isOpen], [[], false]);
});

test('searchAgain: what a failed question was about is not shown any more', async () => {
  const made = makeStore();
  const { store, seen, settle } = made;
  await find(made, 'cat', FOUND);
  store.searchAgain();
  seen.answers[1](500, { detail: 'the disk is full' });
  await settle();
  assert.deepEqual([store.state.found, store.state.fault], [null, 'The disk is full']);
});

test('searchAgain: pictures are asked for under the new filter, or of all points', async () => {
  const conditions = {};
  const { store, seen, settle } = makeStore(conditions);
  store.type('red shoe');
  void store.findByWords();
  seen.answers[0](200, { neighbors: [], why_empty: null });
  await settle();
  conditions.class_name = ['cat'];
  store.searchAgain();
  seen.answers[1](200, { neighbors: [], why_empty: 'nothing fits' });
  await settle();
  assert.deepEqual([store.state.byWords.why, store.state.hasFilter], ['nothing fits', true]);
  store.widen(true);
  const bodies = seen.urls.map((url) => JSON.parse(url.slice(url.indexOf('{'))));
  assert.deepEqual(bodies.map(({ filter }) => filter), [undefined, { class_name: ['cat'] }, undefined]);
});

test('search: points that changed are searched anew', async () => {
  const made = makeStore();
  const { store, seen, settle } = made;
  await find(made, 'cat', FOUND);
  store.search('my pets');
  seen.answers[1](200, OTHER);
  await settle();
  assert.deepEqual([store.state.text, store.state.found, store.state.isAsking], ['cat', OTHER, false]);
});

test('search: another collection is searched within its filter', () => {
  const { store } = makeStore();
  store.type('cat');
  store.widen(true);
  store.search('cars');
  assert.equal(store.state.isWide, false);
});

test('outsideWords: how many more there are, and of what', () => {
  const words = (nFound, nClasses, nPoints) => outsideWords({ ...FOUND, n_classes: nFound, n_classes_outside: nClasses, n_points_outside: nPoints });
  assert.equal(words(1, 0, 0), '');
  assert.equal(words(1, 0, 2), '2 more points outside the filter');
  assert.equal(words(1, 1, 0), '1 more class outside the filter');
  assert.equal(words(0, 2, 1), '2 classes and 1 point outside the filter do');
  assert.equal(words(0, 0, 1), '1 point outside the filter does');
});

test('whyNoWords: only a model that is known to have none', () => {
  assert.match(whyNoWords({ name: 'c', has_text_search: false, embedder: 'timm:resnet50' }), /^resnet50 knows no words/);
  assert.equal(whyNoWords({ name: 'c', has_text_search: true, embedder: 'hf:a/b' }), '');
  assert.equal(whyNoWords({ name: 'c', has_text_search: null, embedder: 'hf:a/b' }), '');
  assert.equal(shortModel('hf:openai/clip'), 'openai/clip');
});
