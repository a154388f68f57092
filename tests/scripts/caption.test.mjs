import assert from 'node:assert/strict';
import { test } from 'node:test';

import { captionOf } from '../../explorer/assets/page/views/caption.mjs';

/** Every letter is 7 px wide, but for W and 車, which are 11. */
const widthOf = (text) => [...text].reduce((sum, letter) => sum + ('W車'.includes(letter) ? 11 : 7), 0);

test('captionOf: has both classes if there is room, else the one that stands', () => {
  assert.equal(captionOf(['cat', 'dog'], 'cat', 'dog', 84, widthOf), 'cat → dog');
  assert.equal(captionOf(['cat', 'dog'], 'cat', 'dog', 62, widthOf), 'cat');
  assert.equal(captionOf(['WWW', 'dog'], 'WWW', 'dog', 70, widthOf), 'WWW', 'ten letters, of which three are wide');
  assert.equal(captionOf([], null, null, 84, widthOf), 'no class');
});

test('captionOf: wide letters leave room for fewer, and both ends stay', () => {
  for (const name of ['WWWWWWWWWWWW', '小型車両・大型車両・特殊車両', 'WIDE-WAGONS-OF-WOOD']) {
    const caption = captionOf([name, 'dog'], name, null, 84, widthOf);
    const [start, end] = caption.split('…');
    assert.ok(widthOf(caption) <= 84 && widthOf(caption) > 60, caption);
    assert.ok(start !== '' && end !== '' && name.startsWith(start) && name.endsWith(end), caption);
  }
});

test('captionOf: names that only their whole tells apart are shortened all the same', () => {
  const names = [1, 2].map((number) => `aaaaaaaaaaaaaaaa${'b'.repeat(number)}aaaaaaaaaaaaaaaa`);
  const caption = captionOf(names, names[0], null, 56, widthOf);
  assert.ok(widthOf(caption) <= 56, caption);
  assert.ok(caption.includes('…'), caption);
});

test('captionOf: an arrow between two names from right to left points from the first to the second', () => {
  assert.equal(captionOf(['חתול', 'כלב'], 'חתול', 'כלב', 200, widthOf), '\u2068חתול\u2069 → \u2068כלב\u2069');
  assert.equal(captionOf(['חתול', 'כלב'], 'חתול', null, 200, widthOf), 'חתול');
});
