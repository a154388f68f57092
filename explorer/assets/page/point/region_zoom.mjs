/** Which part of an image is shown after somebody zoomed or moved it. Knows no document. */

import { LEAST_REGION_PX, pictureIn } from '../search/image_box.mjs';

/** @typedef {import('./object_region.mjs').Region} Region */
/** @typedef {[height: number, width: number]} SizeHw of an image in px */

/** What differs less from the whole image is the whole. */
const SLACK_PX = 0.5;
/** Fingers that are nearer to each other count as so near. */
const LEAST_SPREAD_PX = 1;

/** @param {SizeHw} sizeHw @returns {Region} */
export const wholeOf = ([height, width]) => [0, 0, width, height];

/** @param {Region} region @returns {Region} what can be asked for */
export const inPixels = (region) => /** @type {Region} */ (region.map(Math.round));

/**
 * @param {Region} region that is shown
 * @param {[number, number]} place in the frame that stays where it is, as shares of its width and height
 * @param {number} factor above 1 shows more of the image
 * @param {SizeHw} sizeHw
 * @param {number} aspect of the frame, width by height
 * @returns {Region | null} the part to show, in the form of the frame where the image has room; null for the whole image
 */
export function regionAfterZoom(region, [u, v], factor, [height, width], aspect) {
  const [left, top, wide, tall] = inFrame(region, aspect);
  const mostTall = Math.max(height, width / aspect);
  const least = LEAST_REGION_PX * Math.max(1, 1 / aspect);
  const nowTall = Math.max(Math.min(least, tall), tall * factor);
  if (nowTall >= mostTall - SLACK_PX) return null;
  const x = left + u * (wide - nowTall * aspect);
  const y = top + v * (tall - nowTall);
  return within(x, y, Math.min(width, nowTall * aspect), Math.min(height, nowTall), [height, width]);
}

/**
 * @param {Region} region that is shown
 * @param {[number, number]} shift of the picture, as shares of the width and height of the frame
 * @param {SizeHw} sizeHw
 * @param {number} aspect of the frame
 * @returns {Region} as large as it was, and within the image
 */
export function movedRegion(region, [u, v], sizeHw, aspect) {
  const [, , wide, tall] = inFrame(region, aspect);
  return within(region[0] - u * wide, region[1] - v * tall, region[2] - region[0], region[3] - region[1], sizeHw);
}

/**
 * @param {Region} region that is shown
 * @param {import('./fingers.mjs').Grip} before the middle in shares of the width and height of the frame
 * @param {import('./fingers.mjs').Grip} now
 * @param {SizeHw} sizeHw
 * @param {number} aspect of the frame
 * @returns {Region | null} the part that leaves what was between the fingers between them; null for the whole image
 */
export function regionAfterPinch(region, before, now, sizeHw, aspect) {
  const factor = Math.max(LEAST_SPREAD_PX, before.spread) / Math.max(LEAST_SPREAD_PX, now.spread);
  const zoomed = regionAfterZoom(region, before.middle, factor, sizeHw, aspect);
  const [[x, y], [nowX, nowY]] = [before.middle, now.middle];
  return zoomed && movedRegion(zoomed, [nowX - x, nowY - y], sizeHw, aspect);
}

/**
 * How the picture of one part has to be stretched to show another part in the same frame, until the picture of that has come.
 * @param {Region} shown
 * @param {Region} wanted
 * @param {{width: number, height: number}} frame
 * @returns {{scale: number, x: number, y: number}} from the frame's upper left corner
 */
export function stretchTo(shown, wanted, frame) {
  const [from, to] = [shown, wanted].map(([left, top, right, bottom]) => {
    const size = { naturalWidth: right - left, naturalHeight: bottom - top };
    const picture = pictureIn({ ...frame, ...size });
    const scale = (picture.right - picture.left) / size.naturalWidth;
    return { scale, x: picture.left - left * scale, y: picture.top - top * scale };
  });
  const scale = to.scale / from.scale;
  return { scale, x: to.x - from.x * scale, y: to.y - from.y * scale };
}

/** @param {Region} region @param {number} aspect @returns {[left: number, top: number, wide: number, tall: number]} all that a frame would show of an endless image */
function inFrame([left, top, right, bottom], aspect) {
  const tall = Math.max(bottom - top, (right - left) / aspect);
  return [(left + right - tall * aspect) / 2, (top + bottom - tall) / 2, tall * aspect, tall];
}

/** @param {number} x @param {number} y @param {number} wide @param {number} tall @param {SizeHw} sizeHw @returns {Region} */
function within(x, y, wide, tall, [height, width]) {
  const [left, top] = [Math.min(Math.max(0, x), width - wide), Math.min(Math.max(0, y), height - tall)];
  return [left, top, left + wide, top + tall];
}
