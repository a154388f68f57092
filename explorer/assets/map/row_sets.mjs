/** Sets of rows that people choose one after the other, and the way back. Knows no document. */

/** @typedef {"replace" | "add" | "subtract"} Mode what becomes of the rows that were chosen before */

/**
 * @param {number[]} before rows, each once
 * @param {number[]} rows each once
 * @param {Mode} mode
 * @returns {number[]}
 */
export function combineRows(before, rows, mode) {
  if (mode === 'replace') return rows;
  const named = new Set(mode === 'add' ? before : rows);
  return mode === 'add' ? [...before, ...rows.filter((row) => !named.has(row))] : before.filter((row) => !named.has(row));
}

/** @param {number[]} rows @param {Int32Array} numbers @returns {number[]} these points' rows on another map, which may lack some */
export function renumber(rows, numbers) {
  return rows.map((row) => numbers[row]).filter((row) => row >= 0);
}

const MOST_STEPS = 50;

/** The sets that were chosen, with a place among them. */
export class RowHistory {
  constructor() {
    /** @type {number[][]} */
    this.sets = [[]];
    this.place = 0;
  }

  /** @param {number[]} rows that are chosen by now; what was taken back is forgotten */
  note(rows) {
    if (isSame(rows, this.sets[this.place])) return;
    this.sets = [...this.sets.slice(0, this.place + 1), rows].slice(-MOST_STEPS);
    this.place = this.sets.length - 1;
  }

  /** @param {Int32Array} numbers what rows become on another map; -1 for none */
  renumber(numbers) {
    this.sets = this.sets.map((rows) => renumber(rows, numbers));
  }

  /** Another map has other points. */
  forget() {
    this.sets = [[]];
    this.place = 0;
  }

  get canUndo() {
    return this.place > 0;
  }

  get canRedo() {
    return this.place < this.sets.length - 1;
  }

  /** @param {1 | -1} direction @returns {number[] | null} what was chosen before, or after; null at an end */
  step(direction) {
    const rows = this.sets[this.place + direction];
    if (rows === undefined) return null;
    this.place += direction;
    return rows;
  }
}

/** @param {number[]} rows @param {number[]} others */
function isSame(rows, others) {
  return rows.length === others.length && rows.every((row, place) => row === others[place]);
}
