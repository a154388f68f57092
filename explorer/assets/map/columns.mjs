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
    /** As score: the share of a point's true neighbors that are near it on the map. Arrives later than the blocks. */
    this.trust = new Uint8Array(capacity).fill(NO_SCORE);
    /** 1 inside the drawn selection. */
    this.chosen = new Uint8Array(capacity);
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

  /** @returns {{left: number, bottom: number, right: number, top: number}} smallest rectangle around all points */
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
