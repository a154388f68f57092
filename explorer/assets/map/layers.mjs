/** What lies over the dots of a map, and is made of them: lines of equal density, and pictures of points. */

import { densityContours } from './density.mjs';

/** @typedef {Map<number, CanvasImageSource & {width: number, height: number}>} Crops pictures of points, by row */

export class Layers {
  /**
   * @param {() => import('./columns.mjs').PointColumns} columns
   * @param {(row: number) => boolean} isVisible
   * @param {() => void} draw
   */
  constructor(columns, isVisible, draw) {
    this.columns = columns;
    this.isVisible = isVisible;
    this.draw = draw;
    this.hasContours = false;
    /** @type {Float32Array[] | null} null where they are not known */
    this.contours = null;
    /** @type {Crops} */
    this.crops = new Map();
  }

  /** @param {boolean} isShown whether lines of equal density lie over the points */
  showContours(isShown) {
    this.hasContours = isShown;
    this.draw();
  }

  /** @param {Crops} crops shown instead of dots */
  showCrops(crops) {
    this.crops = crops;
    this.draw();
  }

  /** Other points are visible. */
  changed() {
    this.contours = null;
  }

  /** The points go. */
  forget() {
    this.contours = null;
    this.crops = new Map();
  }

  /** @returns {Float32Array[]} lines around the densest of the points that do not recede */
  lines() {
    const columns = this.columns();
    if (!this.hasContours || columns.count === 0) return [];
    this.contours ??= densityContours(columns, this.isVisible);
    return this.contours;
  }
}

/**
 * @param {import('./grid_index.mjs').GridIndex} index
 * @param {import('./camera.mjs').Camera} camera
 * @param {(row: number) => boolean} accepts
 * @param {number} most
 * @returns {number[] | null} accepted rows on the screen; null if there are more
 */
export function rowsInView(index, camera, accepts, most) {
  const [left, bottom] = camera.toWorld(0, camera.height);
  const [right, top] = camera.toWorld(camera.width, 0);
  /** @type {number[]} */
  const rows = [];
  index.forEachIn({ left, bottom, right, top }, (row) => {
    if (rows.length <= most && accepts(row) && camera.shows(...index.columns.position(row))) rows.push(row);
  });
  return rows.length > most ? null : rows;
}
