/** How densely points lie, and lines of equal density around them. Pure functions over a coarse grid. */

import { POSITION_MAX } from './columns.mjs';

/** Cells along a side of the map's square. */
export const DENSITY_CELLS = 96;
/** Each line encloses this share of the points. */
const SHARES = [0.95, 0.8, 0.6, 0.4, 0.2];
const BLURS = 2;

/** @typedef {Pick<import('./columns.mjs').PointColumns, 'count' | 'x' | 'y'>} Places */

/**
 * @param {Places} columns
 * @param {number} cells along a side
 * @param {(row: number) => boolean} [accepts] all rows if there is none
 * @returns {Float32Array} points per cell, row after row from the lower left
 */
export function countCells(columns, cells, accepts) {
  const counts = new Float32Array(cells * cells);
  const { x, y, count } = columns;
  const step = cells / (POSITION_MAX + 1);
  for (let row = 0; row < count; row++) {
    if (!accepts || accepts(row)) counts[Math.floor(y[row] * step) * cells + Math.floor(x[row] * step)] += 1;
  }
  return counts;
}

/**
 * @param {Places} columns
 * @returns {number} points per unit of the square's area where a typical point lies; at least that of the whole square
 */
export function typicalDensity(columns) {
  if (columns.count === 0) return 0;
  const cells = Math.min(DENSITY_CELLS, Math.max(1, Math.floor(Math.sqrt(columns.count / 8))));
  let squares = 0;
  for (const count of countCells(columns, cells)) squares += count * count;
  return Math.max(columns.count, (squares / columns.count) * cells * cells);
}

/**
 * Lines around the densest points: each level is the smallest area that holds its share of them.
 * @param {Places} columns
 * @param {(row: number) => boolean} accepts
 * @returns {Float32Array[]} one per level, the outermost first; x1, y1, x2, y2 of each piece, in the unit square
 */
export function densityContours(columns, accepts) {
  let grid = countCells(columns, DENSITY_CELLS, accepts);
  for (let pass = 0; pass < BLURS; pass++) grid = blur(grid, DENSITY_CELLS);
  return levelsOf(grid).map((level) => marchingSquares(grid, DENSITY_CELLS, level));
}

/** @param {Float32Array} grid @returns {number[]} the density above which each of `SHARES` lies, without repeats */
function levelsOf(grid) {
  const sorted = grid.filter((value) => value > 0).sort().reverse();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  const levels = SHARES.map((share) => {
    let sum = 0;
    return sorted.find((value) => { sum += value; return sum >= share * total; }) ?? 0;
  });
  return [...new Set(levels)].filter((level) => level > 0);
}

/** @param {Float32Array} grid @param {number} cells @returns {Float32Array} each cell the weighted mean of 3 by 3 */
function blur(grid, cells) {
  const pass = (/** @type {Float32Array} */ from, /** @type {number} */ step, /** @type {number} */ across) => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < cells; line++) {
      for (let place = 0; place < cells; place++) {
        const at = line * across + place * step;
        const before = place > 0 ? from[at - step] : 0;
        const after = place < cells - 1 ? from[at + step] : 0;
        to[at] = (before + 2 * from[at] + after) / 4;
      }
    }
    return to;
  };
  return pass(pass(grid, 1, cells), cells, 1);
}

/** Sides of a square that the line joins, by which of its corners are above: lower left 1, lower right 2, upper right 4, upper left 8. */
const SIDES = [
  [], [3, 0], [0, 1], [3, 1], [1, 2], [3, 0, 1, 2], [0, 2], [3, 2],
  [2, 3], [2, 0], [2, 3, 0, 1], [2, 1], [1, 3], [1, 0], [0, 3], [],
];

/**
 * @param {Float32Array} grid values in the middles of cells; outside is 0
 * @param {number} cells along a side
 * @param {number} level
 * @returns {Float32Array} x1, y1, x2, y2 of each piece of the line, in the unit square
 */
export function marchingSquares(grid, cells, level) {
  /** @type {number[]} */
  const pieces = [];
  const value = (/** @type {number} */ column, /** @type {number} */ line) => (
    column < 0 || line < 0 || column >= cells || line >= cells ? 0 : grid[line * cells + column]
  );
  for (let line = -1; line < cells; line++) {
    for (let column = -1; column < cells; column++) {
      const corners = [value(column, line), value(column + 1, line), value(column + 1, line + 1), value(column, line + 1)];
      const sides = SIDES[corners.reduce((bits, one, place) => bits | (one >= level ? 1 << place : 0), 0)];
      for (const side of sides) pieces.push(...crossing(side, corners, column, line, level, cells));
    }
  }
  return Float32Array.from(pieces);
}

/**
 * @param {number} side 0 below, 1 right, 2 above, 3 left
 * @param {number[]} corners
 * @param {number} column
 * @param {number} line
 * @param {number} level
 * @param {number} cells
 * @returns {[number, number]} where the line crosses that side, in the unit square
 */
function crossing(side, corners, column, line, level, cells) {
  const [first, second] = [[0, 1], [1, 2], [3, 2], [0, 3]][side];
  const part = (level - corners[first]) / (corners[second] - corners[first]);
  const [x, y] = [[part, 0], [1, part], [part, 1], [0, part]][side];
  return [(column + 0.5 + x) / cells, (line + 0.5 + y) / cells];
}
