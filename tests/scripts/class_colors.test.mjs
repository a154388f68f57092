import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClassColors } from '../../explorer/assets/page/class_colors.mjs';

test('ClassColors: the open collection has a colour for its classes and one for all other names', () => {
  const colors = new ClassColors();
  colors.open(/** @type {any} */ ({ colors: { cat: '#112233' }, otherColor: '#445566' }));
  assert.deepEqual(['cat', 'dog', null].map(colors.of), ['#112233', '#445566', '#445566']);
});
