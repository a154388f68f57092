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

  /** Another map has other rows. */
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
