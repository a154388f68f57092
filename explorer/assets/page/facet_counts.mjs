/** How many points each value of the filter would leave, asked of the api whenever the filter or the points change. */

import { messageOf, Store } from './worklists/store.mjs';

/** @typedef {{name: string, count: number}} Counted */

/**
 * @typedef {object} Facets as the api has it
 * @property {number} n_points
 * @property {number} n_matching
 * @property {Counted[]} class_name
 * @property {Counted[]} dataset
 * @property {Counted[]} tags
 * @property {Counted[]} annotated_by
 * @property {Counted[]} review
 * @property {{earliest: string, latest: string, n_known: number} | null} edited
 * @property {number[] | null} scores
 * @property {string | null} why_empty
 */

/** @typedef {{status: 'idle' | 'loading' | 'ready' | 'failed', message: string, facets: Facets | null}} CountsState */

/** @type {CountsState} */
const NOTHING = { status: 'idle', message: '', facets: null };

/** @extends {Store<CountsState>} */
export class FacetCounts extends Store {
  /** @param {() => Promise<Facets>} load the counts under the filter as it is now */
  constructor(load) {
    super(NOTHING);
    this.load = load;
    this.nLoads = 0;
  }

  /** The points are others: what is known is about none of them. */
  forget() {
    this.nLoads += 1;
    this.set(NOTHING);
  }

  /** Asks anew; the counts before stay until then, and an older answer that arrives later is dropped. */
  async reload() {
    this.nLoads += 1;
    const mine = this.nLoads;
    this.set({ status: 'loading' });
    try {
      const facets = await this.load();
      if (mine === this.nLoads) this.set({ status: 'ready', message: '', facets: this.#withScores(facets) });
    } catch (error) {
      if (mine === this.nLoads) this.set({ status: 'failed', message: messageOf(error) });
    }
  }

  /**
   * After tags or edits the api ranks anew, which the list of suspects asks for. Until then the scores before stand.
   * @param {Facets} facets
   */
  #withScores(facets) {
    const before = this.state.facets?.scores;
    return facets.scores === null && before ? { ...facets, scores: before } : facets;
  }
}

/**
 * @param {Uint8Array} bits one a row, the lowest bit of a byte first
 * @param {number} nRows
 * @returns {Uint8Array} 1 for each row whose bit is 0
 */
export function fadedRows(bits, nRows) {
  const faded = new Uint8Array(nRows);
  for (let row = 0; row < nRows; row++) faded[row] = 1 - ((bits[row >> 3] >> (row & 7)) & 1);
  return faded;
}
