/** Whether a collection is of a Supervisely server. Knows no document. */

import { Store } from '../worklists/store.mjs';

/** @extends {Store<{projects: number[]}>} */
export class Platform extends Store {
  /** @param {import('../worklists/collection_api.mjs').CollectionApi} api */
  constructor(api) {
    super({ projects: [] });
    this.api = api;
  }

  /** Asks again; without an answer there are no buttons, and what people do ask for says what is wrong. */
  async refresh() {
    try {
      const { projects } = await this.api.get('/supervisely');
      this.set({ projects });
    } catch {
      this.set({ projects: [] });
    }
  }
}
