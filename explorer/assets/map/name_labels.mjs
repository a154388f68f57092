/** The names of classes, each at the median of its points; the largest classes come first, and no name covers another. */

import { DELETED_CLASS, POSITION_MAX } from './columns.mjs';

/** Rows come in random order, so this many speak for all of them. */
const SAMPLE_ROWS = 200_000;
/** Closer than this, what a name is about fills the screen. */
const MAX_ZOOM = 4;
const MAX_NAMES = 100;
const MAX_CHARACTERS = 28;
const LINE_PX = 16;
const GAP_PX = 4;

/** @typedef {{text: string, index: number, x: number, y: number, count: number}} Label */

/**
 * @param {Pick<import('./columns.mjs').PointColumns, 'count' | 'classIndex' | 'x' | 'y'>} columns
 * @param {number} nClasses
 * @returns {({x: number, y: number, count: number} | null)[]} a class's median in the unit square; null without points
 */
export function classMedians(columns, nClasses) {
  const members = Array.from({ length: nClasses }, () => /** @type {number[]} */ ([]));
  const nRows = Math.min(columns.count, SAMPLE_ROWS);
  for (let row = 0; row < nRows; row++) {
    const index = columns.classIndex[row];
    if (index !== DELETED_CLASS) members[index].push(row);
  }
  const median = (/** @type {number[]} */ rows, /** @type {Uint16Array} */ column) => {
    const values = Uint16Array.from(rows, (row) => column[row]).sort();
    return values[values.length >> 1] / POSITION_MAX;
  };
  return members.map((rows) => (
    rows.length > 0 ? { x: median(rows, columns.x), y: median(rows, columns.y), count: rows.length } : null
  ));
}

export class NameLabels {
  constructor() {
    this.isShown = true;
    /** @type {Label[]} the largest class first */
    this.labels = [];
  }

  /** @param {import('./columns.mjs').PointColumns} columns @param {string[]} names one per class */
  name(columns, names) {
    this.labels = classMedians(columns, names.length)
      .flatMap((median, index) => (median ? [{ ...median, index, text: shorten(names[index]) }] : []))
      .sort((a, b) => b.count - a.count)
      .slice(0, MAX_NAMES);
  }

  /** To be called when the points that the names are about go. */
  forget() {
    this.labels = [];
  }

  /**
   * @param {import('./camera.mjs').Camera} camera
   * @param {Uint8Array} visible one per class, 0 hides it
   * @param {(text: string) => number} measure width of a text in CSS pixels
   * @returns {{text: string, x: number, y: number}[]} what to write, and the middle of its place on the screen
   */
  place(camera, visible, measure) {
    if (!this.isShown || this.labels.length < 2 || camera.zoom > MAX_ZOOM) return [];
    /** @type {{text: string, x: number, y: number, width: number}[]} */
    const placed = [];
    for (const { text, index, x: worldX, y: worldY } of this.labels) {
      if (visible[index] === 0) continue;
      const [x, y] = camera.toScreen(worldX, worldY);
      const width = measure(text);
      const isFree = placed.every((other) => (
        Math.abs(other.x - x) > (other.width + width) / 2 + GAP_PX || Math.abs(other.y - y) > LINE_PX
      ));
      if (isFree) placed.push({ text, x, y, width });
    }
    return placed;
  }
}

/** @param {string} text */
function shorten(text) {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text;
}
