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
  }

  /**
   * Another collection is open.
   * @param {import('./worklists/collection_api.mjs').CollectionApi} api
   * @param {Map<string, Counted>} worklists by key
   */
  follow(api, worklists) {
    this.api = api;
    this.set(Object.fromEntries([...worklists.keys()].map((key) => [key, null])));
    for (const [key, worklist] of worklists) worklist.subscribe?.(() => { if (api === this.api) this.tell(key, worklist.count ?? null); });
    this.ask();
  }

  /** @param {string} key @param {number | null} count null says nothing new */
  tell(key, count) {
    if (count !== null && count !== this.state[key]) this.set({ [key]: count });
  }

  /** Verdicts changed: how many there are. */
  async ask() {
    const { api } = this;
    this.nAsked += 1;
    const mine = this.nAsked;
    if (!api) return;
    try {
      const { total } = await api.get('/reviews/log', { limit: 1 });
      if (mine === this.nAsked) this.tell('reviewed', total);
    } catch { /* the list itself says what is wrong */ }
  }
}
