/**
 * Which lines of a long list are in view. A list that is taller than a browser can lay out scrolls faster than it moves.
 * Knows no document.
 */

/** Browsers cannot lay out taller elements (Firefox stops at about 17 million pixels). */
export const TALLEST_PX = 10_000_000;
/** Lines beyond both edges, so that a step of the wheel finds them drawn. */
const SPARE_LINES = 2;

/**
 * @typedef {object} Frame what is seen of a list
 * @property {number} nItems
 * @property {number} nColumns items of a line
 * @property {number} lineHeightPx
 * @property {number} heightPx of what is seen
 * @property {number} scrollTopPx
 */

/** @param {number} widthPx @param {number} itemPx @returns {number} items that fit into a line, at least one */
export function countColumns(widthPx, itemPx) {
  return Math.max(1, Math.floor(widthPx / itemPx));
}

/**
 * @param {number} widthPx
 * @param {number} itemPx width of an item at least
 * @param {number} gapPx between two
 * @returns {{nColumns: number, itemPx: number}} items of a line, as wide as the line has room for
 */
export function fillLine(widthPx, itemPx, gapPx) {
  const nColumns = countColumns(widthPx + gapPx, itemPx + gapPx);
  return { nColumns, itemPx: Math.max(itemPx, Math.floor((widthPx + gapPx) / nColumns) - gapPx) };
}

/** @param {Frame} frame */
const linesOf = ({ nItems, nColumns }) => Math.ceil(nItems / nColumns);

/** @param {Frame} frame @returns {number} height of the element that scrolls */
export function sheetHeight(frame) {
  return Math.min(TALLEST_PX, linesOf(frame) * frame.lineHeightPx);
}

/** @param {Frame} frame @returns {number} how many pixels of the list a pixel of the scrollbar stands for; 1 for most lists */
function stretch(frame) {
  const whole = linesOf(frame) * frame.lineHeightPx;
  const room = sheetHeight(frame) - frame.heightPx;
  return whole <= TALLEST_PX || room <= 0 ? 1 : (whole - frame.heightPx) / room;
}

/**
 * @param {Frame} frame
 * @returns {{first: number, last: number, topPx: number}} places of the first item to draw and behind the last one, and
 *   where the first line is in the element that scrolls
 */
export function windowOf(frame) {
  const { nItems, nColumns, lineHeightPx, heightPx, scrollTopPx } = frame;
  const listTop = scrollTopPx * stretch(frame);
  const firstLine = Math.max(0, Math.floor(listTop / lineHeightPx) - SPARE_LINES);
  const lastLine = Math.min(linesOf(frame), Math.ceil((listTop + heightPx) / lineHeightPx) + SPARE_LINES);
  return {
    first: Math.min(nItems, firstLine * nColumns),
    last: Math.min(nItems, lastLine * nColumns),
    topPx: firstLine * lineHeightPx - listTop + scrollTopPx,
  };
}

/**
 * @param {Frame} frame
 * @param {number} place of an item
 * @returns {number} the least change of the scrolling that shows all of it
 */
export function scrollTo(frame, place) {
  const factor = stretch(frame);
  const listTop = frame.scrollTopPx * factor;
  const top = Math.floor(place / frame.nColumns) * frame.lineHeightPx;
  if (top < listTop) return top / factor;
  const bottom = top + frame.lineHeightPx - frame.heightPx;
  return bottom > listTop ? Math.ceil(bottom / factor) : frame.scrollTopPx;
}
