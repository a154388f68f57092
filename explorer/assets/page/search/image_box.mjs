/** A box that is drawn on a picture which is fitted into its element. Knows no document. */

/** @typedef {[number, number]} Place */
/** @typedef {{width: number, height: number, naturalWidth: number, naturalHeight: number}} Fitted the element and the picture in it, in px */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box in px of the element */

/** A drag that is shorter is a click. */
const LEAST_PX = 6;
/** How far an arrow key moves a box or its corner. */
const STEP_PX = 8;

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
 * @param {[number, number]} sizeHw height and width of the whole image in px
 * @returns {[number, number, number, number]} left, top, right, bottom in px of the image; at least one pixel
 */
export function boxInImage(box, fitted, [height, width]) {
  const shown = pictureIn(fitted);
  const [scaleX, scaleY] = [width / (shown.right - shown.left), height / (shown.bottom - shown.top)];
  const left = Math.min(width - 1, Math.floor((box.left - shown.left) * scaleX));
  const top = Math.min(height - 1, Math.floor((box.top - shown.top) * scaleY));
  return [
    left, top, Math.max(left + 1, Math.min(width, Math.ceil((box.right - shown.left) * scaleX))),
    Math.max(top + 1, Math.min(height, Math.ceil((box.bottom - shown.top) * scaleY))),
  ];
}

/** @param {Fitted} fitted @returns {{left: number, top: number, right: number, bottom: number}} where the picture is in its element */
function pictureIn({ width, height, naturalWidth, naturalHeight }) {
  const scale = Math.min(width / naturalWidth, height / naturalHeight);
  const [left, top] = [(width - naturalWidth * scale) / 2, (height - naturalHeight * scale) / 2];
  return { left, top, right: width - left, bottom: height - top };
}
