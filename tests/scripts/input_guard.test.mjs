import assert from 'node:assert/strict';
import { test } from 'node:test';

import { latinKey } from '../../explorer/assets/page/input_guard.mjs';

const meant = (key, code, held = {}) => latinKey({ key, code, shiftKey: false, altKey: false, ...held });

test('latinKey: a letter that is not Latin is that of its place', () => {
  assert.deepEqual([meant('ф', 'KeyA'), meant('Ф', 'KeyA', { shiftKey: true }), meant('δ', 'KeyD'), meant('ש', 'KeyA')], ['a', 'A', 'd', 'a']);
});

test('latinKey: Caps Lock changes nothing, Shift does', () => {
  assert.deepEqual([meant('A', 'KeyA'), meant('A', 'KeyA', { shiftKey: true })], ['a', 'A']);
});

test('latinKey: Latin letters lie where the layout has them, and other keys are what they are', () => {
  const keys = [['q', 'KeyA'], ['é', 'Digit2'], ['ж', 'Semicolon'], ['+', 'BracketRight'], ['Enter', 'Enter'], ['/', 'Slash']];
  assert.deepEqual(keys.map(([key, code]) => meant(key, code)), keys.map(([key]) => key));
});

test('latinKey: Alt may write a letter of its own', () => {
  assert.equal(meant('å', 'KeyA', { altKey: true }), 'å');
});
