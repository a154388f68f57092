/** A verdict by a swipe: to the right accepts, to the left keeps the label. Knows no document. */

/** A swipe is at least this long, and this many times as wide as it is high. */
export const LEAST_PX = 72;
const LEAST_SLOPE = 1.5;

/**
 * @param {number} dx of the finger, in CSS pixels
 * @param {number} dy
 * @returns {'accept' | 'dismiss' | null} what letting go there means
 */
export function swipeMeans(dx, dy) {
  if (Math.abs(dx) < LEAST_PX || Math.abs(dx) < LEAST_SLOPE * Math.abs(dy)) return null;
  return dx > 0 ? 'accept' : 'dismiss';
}
