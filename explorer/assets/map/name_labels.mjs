/** The names of classes or clusters, each where its points are densest; the largest come first, and no name covers another. */

import { DELETED_CLASS, POSITION_MAX } from './columns.mjs';
import { clusterWords, wordsAmong } from './short_names.mjs';

/** Rows come in random order, so this many speak for all of them. */
const SAMPLE_ROWS = 200_000;
/** Closer than this, what a name is about fills the screen. */
const MAX_ZOOM = 4;
/** From here on, finer names are shown if there are some, up to the other. */
const FINE_ZOOM = 1.8;
const MAX_FINE_ZOOM = 12;
const MAX_NAMES = 100;
const MAX_CHARACTERS = 28;
/** Of each class in the name of a cluster of two. */
const MAX_CHARACTERS_OF_TWO = 23;
const LINE_PX = 14;
const GAP_PX = 6;
/** Names are for finding one's way: more of them than one per so many square pixels hide what they are about. */
const PX2_PER_NAME = 24_000;
const FEW_NAMES = 12;
/** Cells along a side of the map's square, in which points are counted. */
const CELLS = 24;

/** @typedef {Pick<import('./columns.mjs').PointColumns, 'count' | 'classIndex' | 'x' | 'y'>} Numbered points with the number of their class or group */
/**
 * @typedef {object} Named
 * @property {Uint16Array<ArrayBuffer>} numbers the class or group of each row
 * @property {string[]} names
 * @property {string[] | undefined} classes that groups are named after; none if the names are of classes
 */
/** @typedef {{text: string, index: number, x: number, y: number, count: number}} Label */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Covered in CSS pixels of the map */

/**
 * @param {Numbered} columns
 * @param {number} nClasses
 * @returns {({x: number, y: number, count: number} | null)[]} the middle of the points in a class's fullest cell, in the
 *   unit square, with the number of its points; null without points
 */
export function classPlaces(columns, nClasses) {
  const members = Array.from({ length: nClasses }, () => /** @type {number[]} */ ([]));
  const nRows = Math.min(columns.count, SAMPLE_ROWS);
  for (let row = 0; row < nRows; row++) {
    const index = columns.classIndex[row];
    if (index !== DELETED_CLASS) members[index].push(row);
  }
  const mean = (/** @type {number[]} */ rows, /** @type {Uint16Array} */ column) => (
    rows.reduce((sum, row) => sum + column[row], 0) / rows.length / POSITION_MAX
  );
  return members.map((rows) => {
    if (rows.length === 0) return null;
    const fullest = fullestCell(rows, columns);
    return { x: mean(fullest, columns.x), y: mean(fullest, columns.y), count: rows.length };
  });
}

/**
 * @param {number[]} rows
 * @param {Pick<import('./columns.mjs').PointColumns, 'x' | 'y'>} columns
 * @returns {number[]} those of the rows that share the cell in which most of them are
 */
function fullestCell(rows, columns) {
  /** @type {Map<number, number[]>} */
  const cells = new Map();
  const cellOf = (/** @type {number} */ position) => Math.floor((position * CELLS) / (POSITION_MAX + 1));
  for (const row of rows) {
    const cell = cellOf(columns.x[row]) * CELLS + cellOf(columns.y[row]);
    const inside = cells.get(cell);
    if (inside) inside.push(row);
    else cells.set(cell, [row]);
  }
  return [...cells.values()].reduce((most, inside) => (inside.length > most.length ? inside : most));
}

export class NameLabels {
  constructor() {
    this.isShown = true;
    /** @type {Covered[]} where tools and conditions stand over the map; a name there would be half hidden */
    this.covered = [];
    /** @type {Label[]} the largest class first */
    this.labels = [];
    /** @type {Label[]} of smaller groups, for a nearer look */
    this.fine = [];
    /** @type {Named | null} what the names are about */
    this.named = null;
    /** @type {Named | null} the same of the finer ones */
    this.refined = null;
  }

  /** @param {Numbered} columns @param {string[]} names one per class or cluster @param {string[]} [classes] that clusters are named after */
  name(columns, names, classes) {
    this.labels = labelsOf(columns, names, classes);
    this.named = { numbers: columns.classIndex, names, classes };
    this.fine = [];
    this.refined = null;
  }

  /** @param {Numbered} columns @param {string[]} names one per smaller cluster @param {string[]} [classes] that they are named after */
  refine(columns, names, classes) {
    this.fine = labelsOf(columns, names, classes);
    this.refined = { numbers: columns.classIndex, names, classes };
  }

  /** Whether finer names would be shown. @param {import('./camera.mjs').Camera} camera */
  isNear(camera) {
    return camera.zoom >= FINE_ZOOM && camera.zoom <= MAX_FINE_ZOOM;
  }

  /** To be called when the points that the names are about go. */
  forget() {
    this.labels = [];
    this.fine = [];
    this.named = this.refined = null;
  }

  /** @param {import('./camera.mjs').Camera} camera */
  #shownAt(camera) {
    if (this.fine.length > 0 && this.isNear(camera)) return this.fine;
    return camera.zoom > MAX_ZOOM ? [] : this.labels;
  }

  /**
   * @param {import('./camera.mjs').Camera} camera
   * @param {Uint8Array} visible one per class, 0 gets no name; what it does not know has one
   * @param {(text: string) => number} measure width of a text in CSS pixels
   * @returns {{text: string, x: number, y: number}[]} what to write, and the middle of its place on the screen
   */
  place(camera, visible, measure) {
    const labels = this.#shownAt(camera);
    if (!this.isShown || labels.length < 2) return [];
    /** @type {{text: string, x: number, y: number, width: number}[]} */
    const placed = [];
    const most = Math.max(FEW_NAMES, (camera.width * camera.height) / PX2_PER_NAME);
    for (const { text, index, x: worldX, y: worldY } of labels) {
      if (placed.length >= most) break;
      if (visible[index] === 0) continue;
      const [x, y] = camera.toScreen(worldX, worldY);
      const width = measure(text);
      if (isCut(x, width, camera.width) || isCut(y, LINE_PX, camera.height)) continue;
      if (this.covered.some((one) => isBelow(one, x, y, width))) continue;
      const isFree = placed.every((other) => (
        Math.abs(other.x - x) > (other.width + width) / 2 + GAP_PX || Math.abs(other.y - y) > LINE_PX
      ));
      if (isFree) placed.push({ text, x, y, width });
    }
    return placed;
  }
}

/** @param {number} middle of a name @param {number} size as wide or as high as it is @param {number} room */
function isCut(middle, size, room) {
  return middle < size / 2 || middle > room - size / 2;
}

/** @param {Covered} covered @param {number} x @param {number} y middle of a name @param {number} width */
function isBelow({ left, top, right, bottom }, x, y, width) {
  return x + width / 2 > left && x - width / 2 < right && y + LINE_PX / 2 > top && y - LINE_PX / 2 < bottom;
}

/** @param {Numbered} columns @param {string[]} names @param {string[]} [classes] @returns {Label[]} */
function labelsOf(columns, names, classes) {
  const words = classes ? clusterWords(names, classes, MAX_CHARACTERS, MAX_CHARACTERS_OF_TWO) : wordsAmong(names, MAX_CHARACTERS);
  return classPlaces(columns, names.length)
    .flatMap((place, index) => (place ? [{ ...place, index, text: words.get(names[index]) ?? '' }] : []))
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_NAMES);
}
