/** Pictures that did not come say so in their place, in words; one that comes after all is as it was. */

import { cssColor } from './theme.mjs';

const WORDS = 'Picture cannot be read';
const WHY = 'The file is damaged or gone, or the connection is lost. Reload the page to try again.';
/** Smaller pictures have no room for words. */
const LEAST_PX = 56;
const SMALL = 'data-failed-small';
const FAILED_PX = 96;
const MAP_WORDS = ['Picture', 'cannot', 'be read'];

export function sayFailedPictures() {
  // Neither event bubbles, so both are caught on their way down.
  document.addEventListener('error', ({ target }) => { if (target instanceof HTMLImageElement) fail(target); }, true);
  document.addEventListener('load', ({ target }) => { if (target instanceof HTMLImageElement) restore(target); }, true);
}

/** @param {HTMLImageElement} picture that may have failed before, with words of another picture */
function fail(picture) {
  const { alt, dataset } = picture;
  if (alt.startsWith(WORDS)) return;
  const { title } = dataset.failed === undefined ? picture : JSON.parse(dataset.failed);
  dataset.failed = JSON.stringify({ alt, title });
  Object.assign(picture, { alt: alt ? `${WORDS}: ${alt}` : WORDS, title: `${WORDS}. ${WHY}` });
  const sidePx = Math.min(picture.clientWidth, picture.clientHeight);
  picture.toggleAttribute(SMALL, sidePx > 0 && sidePx < LEAST_PX);
}

/** @param {HTMLImageElement} picture */
function restore(picture) {
  const { failed } = picture.dataset;
  if (failed === undefined) return;
  const before = JSON.parse(failed);
  if (picture.alt.startsWith(WORDS)) picture.alt = before.alt; // else it got words of its own meanwhile
  picture.title = before.title;
  delete picture.dataset.failed;
  picture.removeAttribute(SMALL);
}

/** @returns {HTMLCanvasElement} what stands on a map for a picture that cannot be read */
export function drawFailedPicture() {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: FAILED_PX, height: FAILED_PX });
  const pen = canvas.getContext('2d');
  if (!pen) return canvas;
  pen.fillStyle = cssColor('--raised');
  pen.fillRect(0, 0, FAILED_PX, FAILED_PX);
  Object.assign(pen, { fillStyle: cssColor('--dim'), font: '14px system-ui, sans-serif', textAlign: 'center', textBaseline: 'middle' });
  MAP_WORDS.forEach((words, line) => pen.fillText(words, FAILED_PX / 2, FAILED_PX / 2 + (line - 1) * 18));
  return canvas;
}
