/** The list of confused classes: how many points of a class lie among another, and the points of the open cell. Knows no document. */

import { CardWorklist, cardOfPoint } from './card_worklist.mjs';
import { isSameCell } from './open_cell.mjs';
import { messageOf, Store } from './store.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */
/** @typedef {import('./confusion_table.mjs').Cell} Cell */

/** Their ids are in the address of a request. */
const PAGE = 60;

/**
 * @typedef {object} ConfusionState
 * @property {'idle' | 'loading' | 'ready' | 'failed'} status
 * @property {string} message
 * @property {Cell[]} cells
 * @property {string} query
 * @property {Cell | null} open whose points are listed
 */

/** @extends {Store<ConfusionState>} */
export class ConfusionWorklist extends Store {
  /** @param {Tools} tools */
  constructor(tools) {
    super({ status: 'idle', message: '', cells: [], query: '', open: null });
    this.tools = tools;
    this.nLoads = 0;
    this.cards = new CardWorklist(tools, (offset) => loadCell(tools, this.state.open, offset));
    this.leaveCell = tools.openCell.subscribe(() => this.#follow());
  }

  open() {
    if (this.state.status === 'idle') this.reload();
  }

  forget() {
    this.nLoads += 1;
    this.set({ status: 'idle', cells: [], open: null });
    this.cards.forget();
  }

  /** Its collection was closed; which cell is open outlives it. */
  close() {
    this.leaveCell();
    this.nLoads += 1;
    this.cards.close();
  }

  async reload() {
    this.nLoads += 1;
    const mine = this.nLoads;
    this.set({ status: 'loading', message: '' });
    try {
      const { cells } = await this.tools.api.get('/confusion');
      if (mine !== this.nLoads) return;
      this.set({ status: 'ready', cells });
      this.#follow();
    } catch (error) {
      if (mine === this.nLoads) this.set({ status: 'failed', message: messageOf(error) });
    }
  }

  /** @param {Cell | null} open null goes back to the table */
  show(open) {
    this.tools.openCell.show(open);
  }

  /** Opens the cell that the address names, once it is known which points are in it. */
  #follow() {
    if (this.state.status !== 'ready') return;
    const { cell } = this.tools.openCell.state;
    const open = cell && (this.state.cells.find((one) => isSameCell(one, cell)) ?? { ...cell, count: 0, ids: [] });
    if (isSameCell(open, this.state.open)) return;
    this.set({ open });
    this.cards.forget();
    if (open) this.cards.reload();
  }

  /** @param {string} key */
  key(key) {
    if (this.state.open === null) return false;
    if (this.cards.key(key)) return true;
    if (key === 'Escape' || key === 'Backspace') this.show(null);
    else return false;
    return true;
  }
}

/**
 * The points of a cell; those that are ranked as suspects come first, with their reason.
 * @param {Tools} tools
 * @param {Cell | null} cell
 * @param {number} offset
 */
async function loadCell({ api }, cell, offset) {
  const ids = cell?.ids.slice(offset, offset + PAGE) ?? [];
  if (cell === null || ids.length === 0) return { cards: [], hasMore: false };
  const [{ points }, { suspects }] = await Promise.all([
    api.get('/points', { ids, limit: PAGE }), api.get('/suspects', { ids, limit: PAGE }),
  ]);
  const reason = `most of its nearest neighbors are ${cell.neighborhood}`;
  /** @type {Map<string, {suggested: string, reason: string, score: number}>} */
  const ranked = new Map();
  for (const suspect of suspects) {
    for (const id of [suspect.id, ...suspect.group]) {
      ranked.set(id, { suggested: suspect.suggested_class, reason: suspect.reason, score: suspect.score });
    }
  }
  const scored = points.map((/** @type {any} */ point) => ({
    point, ...(ranked.get(point.id) ?? { suggested: cell.neighborhood, reason, score: -1 }),
  }));
  scored.sort((/** @type {any} */ a, /** @type {any} */ b) => b.score - a.score);
  const cards = scored.map((/** @type {any} */ one) => cardOfPoint({ ...one.point, reason: one.reason }, one.suggested));
  return { cards, hasMore: offset + PAGE < cell.ids.length };
}
