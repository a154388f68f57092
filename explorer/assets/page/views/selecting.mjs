/**
 * The selection as a value: it can be taken back, named, tagged, used as examples, and linked to by its name. Knows no
 * document.
 */

import { RowHistory } from '../../map/row_sets.mjs';
import { countText } from '../worklists/names.mjs';
import { messageOf, Store } from '../worklists/store.mjs';

/** @typedef {import('../worklists/card_worklist.mjs').Tools} Tools */

/**
 * @typedef {object} SelectingState
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {{name: string, count: number}[]} saved selections that were named
 * @property {{name: string, count: number}[]} tags that people gave
 * @property {string | null} opened name of the selection that is shown, if it has one
 */

/**
 * @typedef {object} PageOfSelecting
 * @property {(rows: number[]) => void} select on the map
 * @property {(rows: number[]) => void} restore on the map, as a link asks for it; what else is in view stays
 * @property {(isStep: boolean) => void} link says in the address what is selected; after a step, Back leads to what was
 * @property {() => void} tagged points have other tags
 */

/** @extends {Store<SelectingState>} */
export class Selecting extends Store {
  /** @param {PageOfSelecting} page */
  constructor(page) {
    super({ canUndo: false, canRedo: false, saved: [], tags: [], opened: null });
    this.page = page;
    this.history = new RowHistory();
    /** @type {Tools | null} */
    this.tools = null;
    this.isStepping = false;
    this.isOpening = false;
  }

  /** @param {Tools} tools of the collection that was opened */
  async open(tools) {
    this.tools = tools;
    this.history.forget();
    this.set({ canUndo: false, canRedo: false, saved: [], tags: [] });
    try {
      const [saved, tags] = await Promise.all([tools.api.get('/selections'), tools.api.get('/tags')]);
      if (tools === this.tools) this.set({ saved, tags });
    } catch { /* what asks for them by hand says what is wrong */ }
  }

  /** Whether there is a step to take back, or forth again. */
  get remembers() {
    return this.state.canUndo || this.state.canRedo;
  }

  /** @param {Int32Array | null} numbers what rows become on another map; null if it has none of these points */
  renumber(numbers) {
    if (numbers) this.history.renumber(numbers);
    else this.history.forget();
    this.#follow();
  }

  /** @param {number[]} rows that are selected by now */
  selected(rows) {
    if (!this.isStepping) this.history.note(rows);
    if (!this.isOpening) this.#name(null, true);
    this.#follow();
  }

  #follow() {
    const { canUndo, canRedo } = this.history;
    this.set({ canUndo, canRedo });
  }

  /** @param {1 | -1} direction forth or back */
  step(direction) {
    const rows = this.history.step(direction);
    if (rows === null) return;
    this.isStepping = true;
    try {
      this.page.select(rows);
    } finally {
      this.isStepping = false;
    }
    this.#follow();
  }

  /** @param {string | null} opened @param {boolean} isStep */
  #name(opened, isStep = false) {
    this.set({ opened });
    this.page.link(isStep);
  }

  /** @param {number[]} rows without a name, as a link asks for them */
  show(rows) {
    this.isOpening = true;
    try {
      this.page.restore(rows);
    } finally {
      this.isOpening = false;
    }
    this.set({ opened: null });
  }

  /** @param {string} name keeps what is selected under it */
  save(name) {
    return this.#ask(async ({ api, selectedIds, say }) => {
      const saved = await api.post('/selections', { name, ids: await selectedIds() });
      this.set({ saved: [...this.state.saved.filter((one) => one.name !== saved.name), saved] });
      this.#name(saved.name);
      say(`Saved '${saved.name}' with ${countText(saved.count, 'point')}.`);
    });
  }

  /** @param {string} name of a selection, which is shown on the map */
  load(name) {
    return this.#ask(async ({ api, selectOnMap, say }) => {
      const { ids } = await api.get(`/selections/${encodeURIComponent(name)}`);
      this.isOpening = true;
      try {
        const nFound = await selectOnMap(ids);
        if (nFound < ids.length) say(`${(ids.length - nFound).toLocaleString('en')} of the points of '${name}' are not on this map.`);
      } finally {
        this.isOpening = false;
      }
      this.#name(name);
    });
  }

  /** @param {string} name of a selection that is forgotten; its points stay */
  remove(name) {
    return this.#ask(async ({ api }) => {
      await api.delete(`/selections/${encodeURIComponent(name)}`);
      this.set({ saved: this.state.saved.filter((one) => one.name !== name) });
      if (this.state.opened === name) this.#name(null);
    });
  }

  /**
   * @param {string} tag
   * @param {() => Promise<string[]>} readIds of the points
   * @param {boolean} isGiven whether it is given, or else taken away
   */
  tag(tag, readIds, isGiven = true) {
    return this.#ask(async ({ api, say }) => {
      const ids = await readIds();
      const { n_changed: n } = await api.post('/tags', { ids, [isGiven ? 'add' : 'remove']: [tag.trim()] });
      const points = countText(n, 'point');
      say(isGiven ? `Tagged ${points} '${tag.trim()}'.` : `Took the tag '${tag.trim()}' from ${points}.`);
      this.set({ tags: await api.get('/tags') });
      this.page.tagged();
    });
  }

  /** @param {(tools: Tools) => Promise<void>} work what goes wrong is said */
  async #ask(work) {
    const { tools } = this;
    if (tools === null) return;
    try {
      await work(tools);
    } catch (error) {
      tools.say(messageOf(error));
    }
  }
}
