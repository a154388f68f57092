import assert from 'node:assert/strict';
import test from 'node:test';

import { Fading } from '../../explorer/assets/page/fading.mjs';

function make(t) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const host = new EventTarget();
  const ended = [];
  const fading = new Fading(host, 1000, () => ended.push('end'));
  return { fading, ended, tell: (name) => host.dispatchEvent(new Event(name)), pass: (ms) => t.mock.timers.tick(ms) };
}

test('start: it ends after its time, which begins anew with each text', (t) => {
  const { fading, ended, pass } = make(t);
  fading.start();
  pass(900);
  fading.start();
  pass(900);
  assert.deepEqual(ended, []);
  pass(100);
  assert.deepEqual(ended, ['end']);
});

test('it stays while the pointer or the focus is in it, and as long after', (t) => {
  const { fading, ended, tell, pass } = make(t);
  fading.start();
  tell('pointerenter');
  tell('focusin');
  pass(9000);
  tell('pointerleave');
  pass(9000);
  assert.deepEqual(ended, []);
  tell('focusout');
  pass(999);
  assert.deepEqual(ended, []);
  pass(1);
  assert.deepEqual(ended, ['end']);
});

test('what had the focus may be gone without a word: another text ends all the same', (t) => {
  const { fading, ended, tell, pass } = make(t);
  fading.start();
  tell('focusin');
  fading.start();
  pass(1000);
  assert.deepEqual(ended, ['end']);
});

test('stop: it ends at once, and once', (t) => {
  const { fading, ended, tell, pass } = make(t);
  fading.start();
  tell('pointerenter');
  fading.stop();
  tell('pointerleave');
  pass(5000);
  assert.deepEqual(ended, ['end']);
});
