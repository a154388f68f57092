/** What dots are coloured by, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Coloring } from '../../explorer/assets/page/coloring/coloring.mjs';

function columnOf(info, values) {
  let words = JSON.stringify({ categories: [], least: null, greatest: null, ...info });
  words += ' '.repeat((4 - (words.length % 4)) % 4);
  const body = new Uint8Array(16 + words.length + values.byteLength);
  body.set(new TextEncoder().encode('LKC1'));
  const head = new DataView(body.buffer);
  [values.length, values.BYTES_PER_ELEMENT, words.length].forEach((value, place) => head.setUint32(4 + 4 * place, value, true));
  body.set(new TextEncoder().encode(words), 16);
  body.set(new Uint8Array(values.buffer), 16 + words.length);
  return { ok: true, arrayBuffer: async () => body.buffer };
}

/** A map of two points that writes down how it is painted. */
function makePanel() {
  const painted = [];
  const columns = { count: 2, capacity: 2, x: new Uint16Array(2), y: new Uint16Array(2), category: Uint16Array.of(1, 0) };
  const paint = {
    name: '', ramp: { stops: ['#000000', '#ffffff'], noneColor: '#888888' },
    byClass() { painted.push('class'); },
    byNumber(name) { this.name = name; painted.push(name); },
    byCategory(name, numbers, colors) { painted.push([name, ...colors]); },
  };
  const labels = { named: [], fine: [], near: false, name(_, names) { this.named = names; }, refine(_, names) { this.fine = names; }, isNear() { return this.near; } };
  const spec = { id: 'm', columnsUrl: 'columns', classNames: ['cat'], palette: ['#111111'], otherColor: '#999999' };
  return { panel: { map: { paint, columns, isNarrowed: false, isVisible: () => true, nameLabels: labels, drawOverlay() {}, camera: {} }, spec, loadedId: 'm' }, painted, labels };
}

const DATASETS = { name: 'dataset', kind: 'category', categories: [{ name: 'a', count: 5 }, { name: '', count: 1 }] };

test('show: categories have the palette, then one colour, and their names', async () => {
  const { panel, painted, labels } = makePanel();
  const coloring = new Coloring(panel, async () => columnOf(DATASETS, Uint16Array.of(1, 0)));
  await coloring.show('dataset');
  assert.deepEqual(painted, [['dataset', '#111111', '#999999']]);
  assert.deepEqual(coloring.state.entries.map(({ name }) => name), ['a', 'no dataset']);
  assert.deepEqual([coloring.entryName(1), coloring.rowsOf(1), labels.named], ['', [0], ['a', 'no dataset']]);
});

test('recount: a category says how many of it fit the filter, and gives only their rows', async () => {
  const { panel } = makePanel();
  const coloring = new Coloring(panel, async () => columnOf(DATASETS, Uint16Array.of(0, 0)));
  panel.map.paint.byCategory = (_, numbers) => { panel.map.columns.category = numbers; };
  await coloring.show('dataset');
  assert.deepEqual(coloring.state.entries.map(({ count, nFitting }) => [count, nFitting]), [[5, undefined], [1, undefined]]);
  Object.assign(panel.map, { isNarrowed: true, isVisible: (row) => row === 1 });
  coloring.recount();
  assert.deepEqual(coloring.state.entries.map(({ count, nFitting }) => [count, nFitting]), [[5, 1], [1, 0]]);
  assert.deepEqual(coloring.rowsOf(0), [1]);
  Object.assign(panel.map, { isNarrowed: false, isVisible: () => true });
  coloring.recount();
  assert.deepEqual([coloring.state.entries[0].nFitting, coloring.rowsOf(0)], [undefined, [0, 1]]);
});

test('show: a ramp tells its ends in words, moments with their day', async () => {
  const { panel } = makePanel();
  const info = { name: 'edited', kind: 'number', least: '2024-01-02T00:00:00Z', greatest: '2025-03-04T00:00:00Z' };
  const coloring = new Coloring(panel, async () => columnOf(info, Uint8Array.of(0, 254)));
  await coloring.show('edited');
  const { lower, upper, gradient, note } = coloring.state;
  assert.deepEqual([lower, upper, note], ['first, 2024-01-02', 'last, 2025-03-04', '']);
  assert.deepEqual([gradient[0], gradient.at(-1)], ['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
});

test('show: a link that names no colouring, but what every object has, shows the classes', async () => {
  const { panel, painted } = makePanel();
  const coloring = new Coloring(panel, async () => assert.fail('nothing is asked'));
  for (const name of ['constructor', '__proto__', 'nonsense']) await coloring.show(name);
  assert.deepEqual([painted, coloring.state.name], [['class', 'class', 'class'], 'class']);
});

test('show: says where no value is known', async () => {
  const { panel } = makePanel();
  const coloring = new Coloring(panel, async () => columnOf({ name: 'trust', kind: 'number' }, Uint8Array.of(255, 255)));
  await coloring.show('trust');
  assert.match(coloring.state.note, /^Not measured/);
});

test('show: a refusal is told in the words of the api, and can be tried again', async () => {
  const { panel, painted } = makePanel();
  const answers = [{ ok: false, status: 409, json: async () => ({ detail: 'ask again' }) }, columnOf(DATASETS, Uint16Array.of(0, 0))];
  const coloring = new Coloring(panel, async () => answers.shift());
  await coloring.show('dataset');
  assert.deepEqual([coloring.state.status, coloring.state.message, painted], ['failed', 'ask again', []]);
  await coloring.refresh();
  assert.equal(coloring.state.status, 'ready');
});

test('show: an answer that comes after another choice is dropped', async () => {
  const { panel, painted } = makePanel();
  let answer = () => {};
  const coloring = new Coloring(panel, () => new Promise((resolve) => { answer = () => resolve(columnOf(DATASETS, Uint16Array.of(0, 0))); }));
  const slow = coloring.show('dataset');
  await coloring.show('class');
  answer();
  await slow;
  assert.deepEqual([painted, coloring.state.name], [['class'], 'class']);
});

test('show: what an old link names is the class, and a map that is not there yet is waited for', async () => {
  const { panel, painted } = makePanel();
  const coloring = new Coloring({ ...panel, loadedId: null }, async () => { throw new Error('asked too early'); });
  await coloring.show('nonsense');
  assert.deepEqual([coloring.state.name, painted], ['class', ['class']]);
  await coloring.show('cluster');
  assert.deepEqual([coloring.state.name, coloring.state.status], ['cluster', 'loading']);
});

test('divide: clusters on the map follow, with names of finer ones nearer', async () => {
  const { panel, labels } = makePanel();
  const asked = [];
  const info = { name: 'cluster', kind: 'category', categories: [{ name: 'cat', count: 2 }] };
  const coloring = new Coloring(panel, async (url) => { asked.push(url); return columnOf(info, Uint16Array.of(0, 0)); });
  await coloring.divide(0.5);
  await coloring.show('cluster');
  labels.near = true;
  await coloring.divide(2);
  await new Promise((resolve) => { setTimeout(resolve); });
  assert.deepEqual(asked, ['columns/cluster?resolution=0.5', 'columns/cluster?resolution=2', 'columns/cluster?resolution=8']);
});

test('lookedFrom: nearer, finer clusters get names, once', async () => {
  const { panel, labels } = makePanel();
  const asked = [];
  const info = { name: 'cluster', kind: 'category', categories: [{ name: 'cat', count: 2 }] };
  const coloring = new Coloring(panel, async (url) => {
    asked.push(url);
    return columnOf(info, Uint16Array.of(0, 0));
  });
  await coloring.show('cluster');
  await coloring.lookedFrom();
  labels.near = true;
  await Promise.all([coloring.lookedFrom(), coloring.lookedFrom()]);
  assert.deepEqual([asked, labels.fine], [['columns/cluster', 'columns/cluster?resolution=4'], ['cat']]);
});
