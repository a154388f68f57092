/** What one dot covers: pixels around the one that its centre lies in, and how much of each. */

/** Steps of a pixel that the centre of a dot is rounded to, along either axis. */
export const PHASES = 4;
const SQUARE_BELOW_PX = 3;

/** @param {number} sizePx diameter of a dot @returns {number} pixels to either side of its centre that it may touch */
export const reachOf = (sizePx) => Math.ceil(sizePx / 2) + 1;

/**
 * @param {number} sizePx diameter of a dot
 * @param {number} width of a line of the picture, in pixels
 * @returns {Int32Array[]} one per place of the centre within its pixel, `PHASES` a line: pairs of a pixel's distance in the
 *   picture and how much of it is covered, 1 to 256
 */
export function stampsOf(sizePx, width) {
  const stamps = [];
  for (let down = 0; down < PHASES; down++) {
    for (let right = 0; right < PHASES; right++) {
      stamps.push(stampAt((right + 0.5) / PHASES, (down + 0.5) / PHASES, sizePx, width));
    }
  }
  return stamps;
}

/** @param {number} x @param {number} y @param {number} sizePx @param {number} width */
function stampAt(x, y, sizePx, width) {
  const reach = reachOf(sizePx);
  const pairs = [];
  for (let line = -reach; line <= reach; line++) {
    for (let column = -reach; column <= reach; column++) {
      const covered = Math.round(256 * coverage(column + 0.5 - x, line + 0.5 - y, sizePx));
      if (covered > 0) pairs.push(line * width + column, covered);
    }
  }
  return Int32Array.from(pairs);
}

/** As the fragment shader has it. @param {number} dx @param {number} dy from the centre, in pixels @param {number} sizePx */
function coverage(dx, dy, sizePx) {
  if (Math.max(Math.abs(dx), Math.abs(dy)) > sizePx / 2) return 0;
  if (sizePx < SQUARE_BELOW_PX) return 1;
  return Math.min(1, Math.max(0, sizePx / 2 - Math.hypot(dx, dy) + 0.5));
}
