/** Which cell of the confused classes is open, as the address names it. Knows no document. */

import { Store } from './store.mjs';

/** @typedef {{given: string, neighborhood: string}} CellName the empty text stands for points without a class */

/** @param {CellName | null} one @param {CellName | null} other */
export const isSameCell = (one, other) => one?.given === other?.given && one?.neighborhood === other?.neighborhood;

/** @extends {Store<{cell: CellName | null}>} */
export class OpenCell extends Store {
  /** @param {string} search query of the page's address */
  constructor(search) {
    super({ cell: null });
    this.collection = '';
    this.adopt(search);
  }

  /** @param {string} name of the collection that was opened; another one has other cells */
  openCollection(name) {
    if (this.collection !== '' && name !== this.collection) this.show(null);
    this.collection = name;
  }

  /** @param {string} search query of an address */
  adopt(search) {
    const query = new URLSearchParams(search);
    const [given, neighborhood] = [query.get('given'), query.get('among')];
    this.show(given === null || neighborhood === null ? null : { given, neighborhood });
  }

  /** @returns {Record<string, string[]>} values by their name in the address */
  toLink() {
    const { cell } = this.state;
    return { given: cell ? [cell.given] : [], among: cell ? [cell.neighborhood] : [] };
  }

  /** @param {CellName | null} cell null for none */
  show(cell) {
    if (isSameCell(cell, this.state.cell)) return;
    this.set({ cell: cell && { given: cell.given, neighborhood: cell.neighborhood } });
  }
}
