/**
 * The points of one map at the places that another map has for them. A row is the same point in both, so all columns but
 * the places are shared. Knows no document.
 *
 * Places come little endian. A header of 16 bytes: the magic "LKP1", then uint32 rows, missing rows, points that only
 * the other map has. Then uint16 x and uint16 y of each row, both 65535 for a missing one.
 */

import { DELETED_CLASS, PointColumns, POSITION_MAX } from './columns.mjs';

const MAGIC = 'LKP1';
const HEADER_BYTES = 16;
const MIDDLE = (POSITION_MAX + 1) / 2;

/** @typedef {{x: Uint16Array<ArrayBuffer>, y: Uint16Array<ArrayBuffer>, nMore: number}} Places `nMore` points are on the other map only */

/**
 * @param {ArrayBuffer} body
 * @param {number} nRows of the map that the rows are of
 * @returns {Places} views into the body
 * @throws {Error} if they are no places of this map's points
 */
export function parsePlaces(body, nRows) {
  const magic = String.fromCharCode(...new Uint8Array(body, 0, Math.min(4, body.byteLength)));
  if (magic !== MAGIC) throw new Error(`not places of points: they start with "${magic}", not "${MAGIC}"; reload the page`);
  const head = new DataView(body);
  const count = head.getUint32(4, true);
  if (count !== nRows) throw new Error(`the places are of ${count} points, the map has ${nRows}; reload the page`);
  return {
    x: new Uint16Array(body, HEADER_BYTES, count), y: new Uint16Array(body, HEADER_BYTES + 2 * count, count), nMore: head.getUint32(12, true),
  };
}

export class LinkedColumns extends PointColumns {
  /**
   * @param {PointColumns} shared of the map that the rows are of
   * @param {Places} places taken over, and written into
   */
  constructor(shared, { x, y, nMore }) {
    super(0);
    const { capacity, count, score, value, category, chosen, faded, classIndex } = shared;
    Object.assign(this, { capacity, count, score, value, category, chosen, faded, classIndex, x, y });
    this.shared = shared;
    this.nMore = nMore;
    this.missing = missingRows(x, y);
    this.#fillPlaces();
    this.followClasses();
  }

  /** Rows without a place get that of another point, so that they change nothing of the map's extent. */
  #fillPlaces() {
    let first = 0;
    while (first < this.missing.length && this.missing[first] === first) first += 1;
    const [x, y] = first < this.count ? [this.x[first], this.y[first]] : [MIDDLE, MIDDLE];
    for (const row of this.missing) {
      this.x[row] = x;
      this.y[row] = y;
    }
  }

  /** Points have other classes: those without a place are not drawn. */
  followClasses() {
    this.classIndex = this.#withoutMissing(this.shared.classIndex);
  }

  /** @param {number} row @returns {boolean} whether this map has no place for it */
  isMissing(row) {
    let [low, high] = [0, this.missing.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.missing[middle] < row) low = middle + 1;
      else high = middle;
    }
    return this.missing[low] === row;
  }

  /** How many points that are still there have no place. */
  get nMissing() {
    return this.missing.reduce((sum, row) => sum + (this.shared.classIndex[row] === DELETED_CLASS ? 0 : 1), 0);
  }

  /** @param {Uint16Array<ArrayBuffer>} numbers one per row @returns {import('./name_labels.mjs').Numbered} them at this map's places */
  numbered(numbers) {
    return { count: this.count, x: this.x, y: this.y, classIndex: this.#withoutMissing(numbers) };
  }

  /** @param {Uint16Array<ArrayBuffer>} numbers one per row @returns {Uint16Array<ArrayBuffer>} the same array if no row is missing */
  #withoutMissing(numbers) {
    if (this.missing.length === 0) return numbers;
    const own = numbers.slice();
    for (const row of this.missing) own[row] = DELETED_CLASS;
    return own;
  }
}

/** @param {Uint16Array} x @param {Uint16Array} y @returns {Uint32Array} rows without a place, in ascending order */
function missingRows(x, y) {
  const rows = [];
  for (let row = 0; row < x.length; row++) if (x[row] === POSITION_MAX && y[row] === POSITION_MAX) rows.push(row);
  return Uint32Array.from(rows);
}
