/** How points are painted: colours, names, and how many of them a frame may draw. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Camera } from '../../explorer/assets/map/camera.mjs';
import { FrameBudget } from '../../explorer/assets/map/frame_budget.mjs';
import { classPlaces, NameLabels } from '../../explorer/assets/map/name_labels.mjs';
import { sharedPathLength } from '../../explorer/assets/map/short_names.mjs';
import { classTexels, RAMP_PLACES, rampTexels } from '../../explorer/assets/map/palette.mjs';

const MOVING_MS = { quick: 14, target: 30, slow: 45, leastRows: 25_000 };
const AT_ONCE_MS = { quick: 60, target: 70, slow: 100, leastRows: 25_000 };

test('classTexels: a hidden class has no alpha', () => {
  const texels = classTexels(['#ff0000', '#00ff00'], Uint8Array.of(1, 0));
  assert.deepEqual([...texels.slice(0, 8)], [255, 0, 0, 255, 0, 255, 0, 0]);
});

test('rampTexels: suspects and misplaced points are at the upper end', () => {
  const ends = (placeOf) => {
    const ramp = rampTexels(['#000000', '#ffffff'], '#123456', placeOf);
    return [0, 254, 255].map((index) => [...ramp.slice(4 * index, 4 * index + 4)]);
  };
  const [black, white, none] = [[0, 0, 0, 255], [255, 255, 255, 255], [0x12, 0x34, 0x56, 255]];
  assert.deepEqual(ends(RAMP_PLACES.score), [black, white, none]);
  assert.deepEqual(ends(RAMP_PLACES.trust), [white, black, none]);
});

test('FrameBudget follows the measured time', () => {
  const budget = new FrameBudget(MOVING_MS);
  const rows = [budget.rows];
  for (const [drawn, ms] of [[100_000, 5], [200_000, 90], [10, 1], [66_667, 1000]]) {
    budget.adapt(drawn, ms);
    rows.push(budget.rows);
  }
  assert.deepEqual(rows, [100_000, 200_000, 66_667, 66_667, 25_000]);
});

test('FrameBudget: a frame in which nothing moves may take longer', () => {
  const budget = new FrameBudget(AT_ONCE_MS);
  const rows = [90, 140, 35, 50].map((ms) => { budget.adapt(budget.rows, ms); return budget.rows; });
  assert.deepEqual(rows, [100_000, 50_000, 100_000, 140_000]);
});

test('FrameBudget: one that outgrew the map comes back when the whole map is too slow', () => {
  const budget = new FrameBudget(MOVING_MS);
  for (const ms of [2, 2, 2]) budget.adapt(budget.rows, ms); // little of it was in view
  assert.equal(budget.rows, 800_000);
  budget.adapt(400_000, 60);
  assert.equal(budget.rows, 200_000);
});

test('classPlaces: where most of the points that are there lie together', () => {
  const columns = {
    count: 6,
    x: Uint16Array.of(0, 65535, 65535, 0, 9, 30000),
    y: Uint16Array.of(65535, 0, 0, 0, 9, 30000),
    classIndex: Uint16Array.of(0, 0, 0, 1, 65535, 0),
  };
  assert.deepEqual(classPlaces(columns, 3), [{ x: 1, y: 0, count: 4 }, { x: 0, y: 0, count: 1 }, null]);
});

test('sharedPathLength: whole folders only', () => {
  assert.equal(sharedPathLength(['food/hot/tea', 'food/hot/pie']), 9);
  assert.equal(sharedPathLength(['food/hot/tea', 'food/ice']), 5);
  assert.equal(sharedPathLength(['tea', 'teapot']), 0);
  assert.equal(sharedPathLength(['food/tea']), 0);
});

test('NameLabels: a long name keeps both ends, and what all begin with is left out', () => {
  const labels = new NameLabels();
  const columns = { count: 2, x: Uint16Array.of(0, 9), y: Uint16Array.of(0, 9), classIndex: Uint16Array.of(0, 1) };
  labels.name(columns, ['signs/old/abcdefghijklmnopqrstuvwxyz-one', 'signs/old/tea']);
  assert.deepEqual(labels.labels.map(({ text }) => text), ['abcdefghijklm…qrstuvwxyz-one', 'tea']);
});

test('NameLabels: a cluster of two classes says both, each shortened by itself', () => {
  const labels = new NameLabels();
  const columns = { count: 3, x: Uint16Array.of(0, 9, 99), y: Uint16Array.of(0, 9, 99), classIndex: Uint16Array.of(0, 1, 2) };
  const classes = ['stamps/town-houses-cartoon', 'stamps/animals-insects-cartoon', 'stamps/town-houses-photographed-in-winter'];
  labels.name(columns, [`${classes[0]} / ${classes[1]} (2)`, `${classes[1]} / ${classes[2]}`, 'unlabelled'], classes);
  const texts = labels.labels.map(({ text }) => text);
  assert.deepEqual(texts, ['town-houses-cartoon / animals-insects-cartoon (2)', 'animals-insects-cartoon / town-houses…d-in-winter', 'unlabelled']);
  labels.refine(columns, [classes[2], classes[0], `${classes[1]} / ${classes[0]}`], classes);
  assert.deepEqual(labels.fine.map(({ text }) => text), ['town-houses-p…phed-in-winter', 'town-houses-cartoon', 'animals-insects-cartoon / town-houses-cartoon']);
});

test('NameLabels: a name that would stand over the edge is left out', () => {
  const camera = new Camera();
  camera.resize(100, 100);
  const labels = new NameLabels();
  labels.labels = [
    { text: 'edge', index: 0, x: 0.95, y: 0.5 }, { text: 'top', index: 1, x: 0.5, y: 0.98 }, { text: 'foot', index: 2, x: 0.5, y: 0.02 },
    { text: 'inside', index: 3, x: 0.5, y: 0.5 },
  ];
  assert.deepEqual(labels.place(camera, new Uint8Array(4).fill(1), () => 20).map(({ text }) => text), ['inside']);
});

test('NameLabels: a name that something over the map would cover is left out', () => {
  const camera = new Camera();
  camera.resize(100, 100);
  const labels = new NameLabels();
  labels.labels = [{ text: 'beside', index: 0, x: 0.8, y: 0.9 }, { text: 'below', index: 1, x: 0.3, y: 0.9 }];
  const place = () => labels.place(camera, new Uint8Array(2).fill(1), () => 20).map(({ text }) => text);
  assert.deepEqual(place(), ['beside', 'below']);
  labels.covered = [{ left: 0, top: 0, right: 50, bottom: 20 }];
  assert.deepEqual(place(), ['beside']);
});

test('NameLabels: the largest comes first and none covers another', () => {
  const camera = new Camera();
  camera.resize(100, 100);
  const labels = new NameLabels();
  labels.labels = [
    { text: 'large', index: 0, x: 0.5, y: 0.5 }, { text: 'beside', index: 1, x: 0.6, y: 0.5 },
    { text: 'below', index: 2, x: 0.5, y: 0.2 }, { text: 'hidden', index: 3, x: 0.5, y: 0.9 },
  ];
  const place = () => labels.place(camera, Uint8Array.of(1, 1, 1, 0), () => 20).map(({ text }) => text);
  assert.deepEqual(place(), ['large', 'below']);
  camera.lookAt(0.5, 0.5, 4.5);
  assert.deepEqual(place(), []);
  camera.lookAt(0.5, 0.5, 1);
  labels.isShown = false;
  assert.deepEqual(place(), []);
});
