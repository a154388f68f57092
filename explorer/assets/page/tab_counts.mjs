/** How many entries each worklist has, for its tab. What a list knows it says itself; the rest is asked of the api. */

import { Store } from './worklists/store.mjs';

/** @typedef {{count?: number | null, subscribe?: (listener: () => void) => void}} Counted a worklist that may know its entries */

/** @extends {Store<Record<string, number | null>>} by the key of the worklist, null while it is not known */
export class TabCounts extends Store {
  constructor() {
    super({});
    /** @type {import('./worklists/collection_api.mjs').CollectionApi | null} */
    this.api = null;
    this.nAsked = 0;
    /** Whether groups were asked for since the points changed. */
    this.knowsGroups = false;
    /** How often points changed; a count of their groups before comes too late. */
    this.nChanges = 0;
  }

  /**
   * Another collection is open.
   * @param {import('./worklists/collection_api.mjs').CollectionApi} api
   * @param {Map<string, Counted>} worklists by key
   * @param {Counted | undefined} first the list that computes what groups of points need, and so is waited for
   */
  follow(api, worklists, first) {
    Object.assign(this, { api, knowsGroups: false });
    first?.subscribe?.(() => { if (api === this.api && typeof first.count === 'number') this.#askGroups(); });
    this.set(Object.fromEntries([...worklists.keys()].map((key) => [key, null])));
    for (const [key, worklist] of worklists) worklist.subscribe?.(() => { if (api === this.api) this.tell(key, worklist.count ?? null); });
    this.ask();
  }

  /** @param {string} key @param {number | null} count null says nothing new */
  tell(key, count) {
    if (count !== null && count !== this.state[key]) this.set({ [key]: count });
  }

  /** Verdicts changed: how many stand. */
  async ask() {
    this.nAsked += 1;
    const mine = this.nAsked;
    await this.#ask('/reviews', { limit: 1 }, ({ total }) => { if (mine === this.nAsked) this.tell('reviewed', total); });
  }

  /** Other points: what is told of their groups is wrong by now. */
  pointsChanged() {
    this.nChanges += 1;
    this.knowsGroups = false;
  }

  /** Neighbors are known by now, so that groups of points cost little more. */
  #askGroups() {
    if (this.knowsGroups) return;
    this.knowsGroups = true;
    const { nChanges } = this;
    const tell = (/** @type {string} */ key, /** @type {number} */ count) => { if (nChanges === this.nChanges) this.tell(key, count); };
    void this.#ask('/duplicates', { limit: 1 }, ({ n_groups: count }) => tell('duplicates', count));
    void this.#ask('/clusters', {}, ({ clusters }) => tell('clusters', clusters.length));
  }

  /** @param {string} path @param {Record<string, number>} query @param {(answer: any) => void} take */
  async #ask(path, query, take) {
    const { api } = this;
    if (!api) return;
    try {
      const answer = await api.get(path, query);
      if (api === this.api) take(answer);
    } catch { /* the list itself says what is wrong */ }
  }
}
