/**
 * The points of a map as typed columns. A row is a point's number in its projection; rows are in random order,
 * so that any prefix is a fair sample of the whole map.
 */

/** The largest position: a coordinate of 65535 lies on the right or upper edge of the map's square. */
export const POSITION_MAX = 65535;

/** Class number of a point that was deleted since the projection was made; it is not drawn. */
export const DELETED_CLASS = 65535;

/** Score byte of a point without a score; every other byte is the score times 254. */
export const NO_SCORE = 255;

const PERCENTILE = 0.01;
/** Shown around the percentiles, as a share of what they span. */
const ROOM = 0.1;

/** @typedef {{left: number, bottom: number, right: number, top: number}} Bounds a rectangle of the unit square */

export class PointColumns {
  /** @param {number} capacity number of points that will be appended in all */
  constructor(capacity) {
    this.capacity = capacity;
    /** Number of points appended so far. */
    this.count = 0;
    this.x = new Uint16Array(capacity);
    this.y = new Uint16Array(capacity);
    this.classIndex = new Uint16Array(capacity);
    this.score = new Uint8Array(capacity);
    /** As score: the number that dots are coloured by. */
    this.value = new Uint8Array(capacity).fill(NO_SCORE);
    /** As classIndex: the category that dots are coloured by, if it is not their class. */
    this.category = new Uint16Array(capacity).fill(DELETED_CLASS);
    /** 1 inside the drawn selection. */
    this.chosen = new Uint8Array(capacity);
    /** @type {Map<number, number>} rows that people gave another class -> the class they have in the map's bytes */
    this.givenClasses = new Map();
    /** 1 for what a filter leaves out by anything but its class. */
    this.faded = new Uint8Array(capacity);
  }

  /**
   * Copies a block behind the points that are already there.
   * @param {{x: Uint16Array, y: Uint16Array, classIndex: Uint16Array, score: Uint8Array}} block equally long columns
   * @returns {number} the row at which the block starts
   */
  append(block) {
    const start = this.count;
    this.x.set(block.x, start);
    this.y.set(block.y, start);
    this.classIndex.set(block.classIndex, start);
    this.score.set(block.score, start);
    this.count += block.x.length;
    return start;
  }

  /**
   * @param {number} row
   * @returns {[number, number]} position in the unit square, y up
   */
  position(row) {
    return [this.x[row] / POSITION_MAX, this.y[row] / POSITION_MAX];
  }

  /**
   * Gives rows the classes that people gave them, and all others those that the map has.
   * @param {number[]} rows
   * @param {number[]} classes equally many class numbers
   */
  relabel(rows, classes) {
    const { classIndex } = this;
    for (const [row, index] of this.givenClasses) classIndex[row] = index;
    this.givenClasses = new Map(rows.map((row) => [row, classIndex[row]]));
    rows.forEach((row, place) => { classIndex[row] = classes[place]; });
  }

  /**
   * Leaves single points that lie far away out, so that they do not shrink all others.
   * @returns {Bounds} a rectangle around the 1st to the 99th percentile along either axis, with a tenth around it
   */
  mostBounds() {
    const whole = this.bounds();
    const [left, right] = percentiles(this.x.subarray(0, this.count));
    const [bottom, top] = percentiles(this.y.subarray(0, this.count));
    const [aside, above] = [(right - left) * ROOM, (top - bottom) * ROOM];
    return {
      left: Math.max(whole.left, left - aside), right: Math.min(whole.right, right + aside),
      bottom: Math.max(whole.bottom, bottom - above), top: Math.min(whole.top, top + above),
    };
  }

  /** @returns {Bounds} smallest rectangle around all points */
  bounds() {
    let left = POSITION_MAX, bottom = POSITION_MAX, right = 0, top = 0;
    for (let row = 0; row < this.count; row++) {
      left = Math.min(left, this.x[row]);
      right = Math.max(right, this.x[row]);
      bottom = Math.min(bottom, this.y[row]);
      top = Math.max(top, this.y[row]);
    }
    if (this.count === 0) return { left: 0, bottom: 0, right: 1, top: 1 };
    return {
      left: left / POSITION_MAX, bottom: bottom / POSITION_MAX, right: right / POSITION_MAX, top: top / POSITION_MAX,
    };
  }
}

/** @param {Uint16Array} values @returns {[number, number]} 1st and 99th percentile, 0 to 1 */
function percentiles(values) {
  if (values.length === 0) return [0, 1];
  const counts = new Uint32Array(POSITION_MAX + 1);
  for (const value of values) counts[value] += 1;
  const nLeft = Math.floor(values.length * PERCENTILE);
  const edge = (/** @type {number} */ start, /** @type {1 | -1} */ step) => {
    let value = start;
    for (let sum = counts[value]; sum <= nLeft; sum += counts[value]) value += step;
    return value / POSITION_MAX;
  };
  return [edge(0, 1), edge(POSITION_MAX, -1)];
}
