/** A box that is drawn on a picture which is fitted into its element. Knows no document. */

/** @typedef {[number, number]} Place */
/** @typedef {{width: number, height: number, naturalWidth: number, naturalHeight: number}} Fitted the element and the picture in it, in px */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box in px of the element */

/** A drag that is shorter is a click. */
const LEAST_PX = 6;
/** How far an arrow key moves a box or its corner. */
const STEP_PX = 8;
/** How much larger than an object its surroundings are. */
const AROUND = 1.2;
/** The smallest part of an image that is shown, in px of the image. */
export const LEAST_REGION_PX = 32;

/**
 * @param {Place} start in the element
 * @param {Place} end
 * @param {Fitted} fitted `object-fit: contain`
 * @returns {{left: number, top: number, right: number, bottom: number} | null} what is drawn, within the picture, in px of the element; null if it is too small
 */
export function boxInElement([startX, startY], [endX, endY], fitted) {
  const { left, top, right, bottom } = pictureIn(fitted);
  const within = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) => Math.min(high, Math.max(low, value));
  const [x1, x2] = [startX, endX].map((x) => within(x, left, right)).sort((a, b) => a - b);
  const [y1, y2] = [startY, endY].map((y) => within(y, top, bottom)).sort((a, b) => a - b);
  return x2 - x1 < LEAST_PX || y2 - y1 < LEAST_PX ? null : { left: x1, top: y1, right: x2, bottom: y2 };
}

/**
 * @param {[number, number, number, number]} box of an object, left, top, right, bottom in px of the image
 * @param {[number, number]} sizeHw height and width of the image
 * @param {number} aspect of what the picture is fitted into, width by height
 * @returns {[number, number, number, number]} the object with a fifth as much around it, in the form of the frame where the image has room
 */
export function regionAround([left, top, right, bottom], [height, width], aspect) {
  const tall = Math.max(LEAST_REGION_PX, AROUND * (bottom - top), (AROUND * (right - left)) / aspect);
  const [w, h] = [Math.min(width, Math.round(tall * aspect)), Math.min(height, Math.round(tall))];
  const x = Math.round(Math.min(Math.max(0, (left + right - w) / 2), width - w));
  const y = Math.round(Math.min(Math.max(0, (top + bottom - h) / 2), height - h));
  return [x, y, x + w, y + h];
}

/**
 * @param {Fitted} fitted
 * @returns {Box} the middle half of the picture, for those who then move it by key
 */
export function middleBox(fitted) {
  const { left, top, right, bottom } = pictureIn(fitted);
  const [width, height] = [right - left, bottom - top];
  return { left: left + width / 4, top: top + height / 4, right: right - width / 4, bottom: bottom - height / 4 };
}

/** @type {Record<string, Place>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {Box} box
 * @param {{key: string, shiftKey: boolean}} event of an arrow key; with Shift it moves the lower right corner
 * @param {Fitted} fitted
 * @returns {Box | null} the box moved or resized within the picture; null for another key
 */
export function boxAfterKey({ left, top, right, bottom }, { key, shiftKey }, fitted) {
  if (!(key in ARROWS)) return null;
  const room = pictureIn(fitted);
  const [x, y] = ARROWS[key].map((step) => step * STEP_PX);
  const clamp = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) => Math.min(Math.max(value, low), Math.max(low, high));
  if (shiftKey) return { left, top, right: clamp(right + x, left + LEAST_PX, room.right), bottom: clamp(bottom + y, top + LEAST_PX, room.bottom) };
  const dx = clamp(x, room.left - left, room.right - right);
  const dy = clamp(y, room.top - top, room.bottom - bottom);
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy };
}

/**
 * @param {{left: number, top: number, right: number, bottom: number}} box in px of the element
 * @param {Fitted} fitted
 * @param {[number, number, number, number]} region the part of the image that the picture shows: left, top, right, bottom in px
 * @returns {[number, number, number, number]} left, top, right, bottom in px of the image; at least one pixel
 */
export function boxInImage(box, fitted, [x, y, endX, endY]) {
  const shown = pictureIn(fitted);
  const [scaleX, scaleY] = [(endX - x) / (shown.right - shown.left), (endY - y) / (shown.bottom - shown.top)];
  const left = Math.min(endX - 1, x + Math.floor((box.left - shown.left) * scaleX));
  const top = Math.min(endY - 1, y + Math.floor((box.top - shown.top) * scaleY));
  return [
    left, top, Math.max(left + 1, Math.min(endX, x + Math.ceil((box.right - shown.left) * scaleX))),
    Math.max(top + 1, Math.min(endY, y + Math.ceil((box.bottom - shown.top) * scaleY))),
  ];
}

/**
 * @param {Place} place in the element
 * @param {Fitted} fitted
 * @param {[number, number, number, number]} region the part of the image that the picture shows
 * @returns {Place | null} in px of the image; null beside the picture
 */
export function placeInImage([x, y], fitted, region) {
  const { left, top, right, bottom } = pictureIn(fitted);
  if (x < left || x >= right || y < top || y >= bottom) return null;
  return [region[0] + ((x - left) / (right - left)) * (region[2] - region[0]), region[1] + ((y - top) / (bottom - top)) * (region[3] - region[1])];
}

/** @typedef {{id: string, box: [number, number, number, number] | null}} Boxed */

/**
 * @template {Boxed} T
 * @param {T[]} objects
 * @param {Place} place in px of the image
 * @returns {T | null} the smallest object there
 */
export function objectAt(objects, [x, y]) {
  const area = (/** @type {T} */ { box }) => (box === null ? Infinity : (box[2] - box[0]) * (box[3] - box[1]));
  const there = objects.filter(({ box }) => box !== null && box[0] <= x && x < box[2] && box[1] <= y && y < box[3]);
  return there.sort((a, b) => area(a) - area(b))[0] ?? null;
}

/** @param {Fitted} fitted @returns {{left: number, top: number, right: number, bottom: number}} where the picture is in its element */
export function pictureIn({ width, height, naturalWidth, naturalHeight }) {
  const scale = Math.min(width / naturalWidth, height / naturalHeight);
  const [left, top] = [(width - naturalWidth * scale) / 2, (height - naturalHeight * scale) / 2];
  return { left, top, right: width - left, bottom: height - top };
}
