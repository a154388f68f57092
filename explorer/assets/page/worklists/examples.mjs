/** Examples of both classes of a suspect: its nearest neighbors of each. Knows no document. */

import { messageOf, Store } from './store.mjs';

/** @typedef {{point: import('./card_worklist.mjs').PointOfCard, score: number}} Example */
/** @typedef {{given: Example[], suggested: Example[], message: string}} ExamplesOfCard a message says why there are none */

const N_EXAMPLES = 8;
const MOST_KEPT = 60;

/** @extends {Store<{ofCard: Map<string, ExamplesOfCard>}>} */
export class Examples extends Store {
  /** @param {import('./collection_api.mjs').CollectionApi} api */
  constructor(api) {
    super({ ofCard: new Map() });
    this.api = api;
    /** @type {Set<string>} ids of cards whose examples are on their way */
    this.asked = new Set();
  }

  /** The points or their classes changed. */
  forget() {
    this.asked = new Set();
    this.set({ ofCard: new Map() });
  }

  /**
   * Asks once for the examples of a card.
   * @param {{id: string, class_name: string, suggested_class: string}} suspect
   */
  async ask({ id, class_name: given, suggested_class: suggested }) {
    const { asked } = this;
    if (asked.has(id) || this.state.ofCard.has(id)) return;
    asked.add(id);
    let found;
    try {
      const [ofGiven, ofSuggested] = await Promise.all([this.#nearest(id, given), this.#nearest(id, suggested)]);
      found = { given: ofGiven, suggested: ofSuggested, message: '' };
    } catch (error) {
      found = { given: [], suggested: [], message: messageOf(error) };
    }
    if (asked !== this.asked) return; // forgotten meanwhile
    asked.delete(id);
    this.set({ ofCard: new Map([...this.state.ofCard, /** @type {const} */ ([id, found])].slice(-MOST_KEPT)) });
  }

  /** @param {string} id @param {string} className @returns {Promise<Example[]>} */
  async #nearest(id, className) {
    const body = { ids: [id], limit: N_EXAMPLES, filter: { class_name: [className] } };
    return (await this.api.post('/neighbors', body)).neighbors;
  }
}
