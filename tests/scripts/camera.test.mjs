import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Camera } from '../../explorer/assets/map/camera.mjs';

function cameraOf(width, height) {
  const camera = new Camera();
  camera.resize(width, height);
  return camera;
}

test('toScreen and toWorld are inverse', () => {
  const camera = cameraOf(800, 400);
  camera.lookAt(0.25, 0.75, 2);
  assert.deepEqual(camera.toScreen(0.25, 0.75), [400, 200]);
  assert.deepEqual(camera.toScreen(0.5, 1), [600, 0]);
  assert.deepEqual(camera.toWorld(600, 0), [0.5, 1]);
});

test('zoomAt: what is under the pixel stays there', () => {
  const camera = cameraOf(800, 400);
  const [x, y] = camera.toWorld(100, 300);
  camera.zoomAt(100, 300, 3);
  const [px, py] = camera.toScreen(x, y);
  assert.ok(Math.hypot(px - 100, py - 300) < 1e-9);
  assert.equal(camera.zoom, 3);
});

test('fit leaves a margin', () => {
  const camera = cameraOf(800, 400);
  camera.fit({ left: 0.4, bottom: 0.2, right: 0.6, top: 0.3 }, 50);
  const corners = [...camera.toScreen(0.4, 0.3), ...camera.toScreen(0.6, 0.2)];
  assert.deepEqual(corners.map(Math.round), [100, 50, 700, 350]);
});

test('fromText: a view survives a link, anything else changes nothing', () => {
  const camera = cameraOf(800, 400);
  const texts = ['2.500,0.25000,0.75000', '', null, 'a,b,c', '1,2', '-1,0,0'];
  assert.deepEqual(texts.map((text) => camera.fromText(text)), [true, false, false, false, false, false]);
  assert.equal(camera.toText(), '2.500,0.25000,0.75000');
});
