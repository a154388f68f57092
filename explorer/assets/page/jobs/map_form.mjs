/** The state of the form that makes a map: what is wanted, and whether it was sent. Knows no document. */

import { ask } from '../server.mjs';
import { messageOf, Store } from '../worklists/store.mjs';

/** @typedef {{name: string, description: string}} Method */
/** @typedef {{collection: string | null, method: string, metric: string, refit: boolean}} MapOrder collection null for the open one */
/** @typedef {{isOpen: boolean, isSending: boolean, words: string, methods: Method[], order: MapOrder}} MapFormState words say what is wrong */

/** @type {MapOrder} */
const FIRST_ORDER = { collection: null, method: 'umap', metric: 'cosine', refit: false };

/** @extends {Store<MapFormState>} */
export class MapForm extends Store {
  /**
   * @param {import('./runs_store.mjs').RunsStore} runs
   * @param {object} page
   * @param {import('../server.mjs').Send} page.send `fetch`
   * @param {() => void} page.started the run is at work, and the form has closed
   */
  constructor(runs, { send, started }) {
    super({ isOpen: false, isSending: false, words: '', methods: [], order: FIRST_ORDER });
    this.runs = runs;
    this.send = send;
    this.started = started;
    /** How often it was opened or closed; what is told of an order that was sent before comes too late. */
    this.nLooks = 0;
  }

  /** @param {import('./runs_store.mjs').Run | null} earlier run of a map, to begin with */
  show(earlier = null) {
    const { requested_method: method = FIRST_ORDER.method, metric = FIRST_ORDER.metric } = earlier?.result ?? {};
    this.nLooks += 1;
    this.set({ isOpen: true, words: '', order: { ...FIRST_ORDER, collection: earlier?.collection ?? null, method, metric } });
    if (this.state.methods.length === 0) void this.#askMethods();
  }

  async #askMethods() {
    try {
      const { projection_methods: methods } = await ask(this.send, '/catalogue');
      this.set({ methods });
    } catch (error) {
      this.set({ words: messageOf(error) });
    }
  }

  close() {
    this.nLooks += 1;
    this.set({ isOpen: false, words: '' });
  }

  /** @param {Partial<MapOrder>} changes */
  change(changes) {
    this.set({ order: { ...this.state.order, ...changes }, words: '' });
  }

  /** Starts one run, however often it is asked for meanwhile. @param {string} open name of the open collection */
  async start(open) {
    const { nLooks, state: { isSending, methods, order } } = this;
    if (isSending || methods.length === 0) return;
    this.set({ isSending: true, words: '' });
    try {
      await this.runs.start({ kind: 'project', ...order, collection: order.collection ?? open });
      if (nLooks !== this.nLooks) return;
      this.close();
      this.started();
    } catch (error) {
      if (nLooks === this.nLooks) this.set({ words: messageOf(error) });
    } finally {
      this.set({ isSending: false });
    }
  }
}
