import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deviceOptions, embedderOf, FIRST_ORDER, fitToCollection, KeptOrders, modelOf, requestOf } from '../../explorer/assets/page/jobs/index_order.mjs';

const order = (changes) => ({ ...FIRST_ORDER, source: '/data/pets', ...changes });

test('requestOf: defaults are left to the server', () => {
  assert.deepEqual(requestOf(order({ source: ' /data/pets ' })), { kind: 'index', source: '/data/pets' });
});

test('requestOf: every field that says something', () => {
  const all = order({
    datasets: ' train, val/night ,', collection: 'pets', model: 'resnet50', device: 'cpu', batchSize: '8', mode: 'both', padding: '10%', minSize: '4', maskBackground: true, force: true, full: true,
  });
  assert.deepEqual(requestOf(all), {
    kind: 'index', source: '/data/pets', datasets: ['train', 'val/night'], collection: 'pets', model: 'resnet50', device: 'cpu', batch_size: 8, mode: 'both', padding: '10%',
    min_size_px: 4, mask_background: true, force: true, full: true,
  });
});

test('requestOf: names that were checked are sent as they are, with commas in them', () => {
  assert.deepEqual(requestOf(order({ datasets: ['a, b', ''] })).datasets, ['a, b', '']);
  assert.equal(requestOf(order({ datasets: [] })).datasets, undefined);
});

for (const [changes, words] of [
  [{ source: '  ' }, /Say what to index/],
  [{ padding: 'wide' }, /Padding 'wide' is neither pixels/],
  [{ padding: '10 % px' }, /Padding/],
  [{ batchSize: '0' }, /Batch size '0' is no number from 1 to 4,096/],
  [{ batchSize: '2.5' }, /Batch size/],
  [{ minSize: '-1' }, /Smallest object '-1'/],
]) {
  test(`requestOf: refuses ${JSON.stringify(changes)}`, () => {
    assert.throws(() => requestOf(order(changes)), words);
  });
}

test('fitToCollection: takes model and crops of a collection that is there', () => {
  const known = [{ name: 'pets', embedder: 'hf:openai/clip', crops: 'padding=0.1 min=4px masked', n_points: 3 }];
  const { model, padding, minSize, maskBackground } = fitToCollection(order({ collection: 'pets' }), known);
  assert.deepEqual([model, padding, minSize, maskBackground], ['hf:openai/clip', '0.1', '4', true]);
  assert.equal(fitToCollection(order({ collection: 'pet' }), known).model, '');
});

test('embedderOf, modelOf: the default has no name, and timm is understood', () => {
  assert.deepEqual(['', 'resnet50', 'hf:a/b'].map(embedderOf), ['timm:tf_efficientnet_lite0', 'timm:resnet50', 'hf:a/b']);
  assert.deepEqual(['timm:tf_efficientnet_lite0', 'timm:resnet50'].map(modelOf), ['', 'timm:resnet50']);
});

test('deviceOptions: those of the machine after automatic, and all where the server does not know them', () => {
  assert.deepEqual(deviceOptions(['cuda:0', 'cuda:1', 'cpu'], 'auto'), [
    ['auto', 'Automatic'], ['cuda:0', 'GPU (cuda:0)'], ['cuda:1', 'GPU (cuda:1)'], ['cpu', 'CPU'],
  ]);
  assert.deepEqual(deviceOptions(null, 'mps').map(([name]) => name), ['auto', 'cpu', 'cuda:0', 'mps']);
});

test('deviceOptions: one that was ordered is shown, with what is known of it', () => {
  assert.deepEqual(deviceOptions([], 'cuda:0'), [['auto', 'Automatic'], ['cuda:0', 'GPU (cuda:0)']]);
  assert.deepEqual(deviceOptions(['cpu'], 'cuda:0').at(-1), ['cuda:0', "GPU (cuda:0): not on the server's machine"]);
  assert.deepEqual(deviceOptions(null, 'cuda:3').at(-1), ['cuda:3', 'GPU (cuda:3)']);
});

function memory(text = null) {
  const kept = { text };
  return { getItem: () => kept.text, setItem: (_, value) => { kept.text = value; } };
}

test('KeptOrders: an order comes back, but what is meant for one run does not', () => {
  const storage = memory();
  new KeptOrders(storage).keep(order({ mode: 'images', collection: 'pets', force: true }));
  const again = new KeptOrders(storage).recall('/data/pets', null);
  assert.deepEqual([again.mode, again.collection, again.force], ['images', 'pets', false]);
  assert.equal(new KeptOrders(storage).recall('/data/pets', 'cats').collection, 'cats');
  assert.deepEqual(new KeptOrders(storage).recall('/other', 'x'), { ...FIRST_ORDER, source: '/other', collection: 'x' });
});

test('KeptOrders: what cannot be read is none, and old ones go', () => {
  assert.equal(new KeptOrders(memory('not json')).recall('/a', null).source, '/a');
  const storage = memory();
  const orders = new KeptOrders(storage);
  for (let number = 0; number < 30; number += 1) orders.keep(order({ source: `/s${number}`, mode: 'images' }));
  assert.deepEqual([orders.recall('/s0', null).mode, orders.recall('/s29', null).mode], ['', 'images']);
});
