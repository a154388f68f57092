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
 * @property {(readRows: () => Promise<number[]>, around: (select: () => void) => void) => Promise<number | null>} restore on the map, as a link asks for it; null if others were selected meanwhile
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
    /** How often points were selected. */
    this.nSelected = 0;
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
    this.nSelected += 1;
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

  /** What is selected has a name, or a link asks for it. @param {() => void} select */
  #opening = (select) => {
    this.isOpening = true;
    try {
      select();
    } finally {
      this.isOpening = false;
    }
  };

  /** @param {() => Promise<number[]>} readRows without a name, as a link asks for them; whatever somebody selects meanwhile stays */
  async show(readRows) {
    const nFound = await this.page.restore(readRows, this.#opening);
    if (nFound !== null) this.set({ opened: null });
  }

  /** @param {string} name keeps what is selected under it; others that are selected meanwhile have no name */
  save(name) {
    const { tools, nSelected } = this;
    return this.#ask(async ({ api, selectedIds, say }) => {
      const saved = await api.post('/selections', { name, ids: await selectedIds() });
      if (tools === this.tools) this.set({ saved: [...this.state.saved.filter((one) => one.name !== saved.name), saved] });
      if (tools === this.tools && nSelected === this.nSelected) this.#name(saved.name);
      say(`Saved '${saved.name}' with ${countText(saved.count, 'point')}.`);
    });
  }

  /** @param {string} name of a selection, which is shown on the map; whatever somebody selects meanwhile stays */
  load(name) {
    return this.#ask(async ({ api, selectOnMap, say }) => {
      let nAll = 0;
      const nFound = await selectOnMap(async () => {
        const { ids } = await api.get(`/selections/${encodeURIComponent(name)}`);
        nAll = ids.length;
        return ids;
      }, this.#opening);
      if (nFound === null) return;
      if (nFound < nAll) say(`${(nAll - nFound).toLocaleString('en')} of the points of '${name}' are not on this map.`);
      this.#name(name);
    });
  }

  /** @param {string} name of a selection that is forgotten; its points stay */
  remove(name) {
    const { tools } = this;
    return this.#ask(async ({ api }) => {
      await api.delete(`/selections/${encodeURIComponent(name)}`);
      if (tools !== this.tools) return; // another collection was opened meanwhile
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
    const { tools } = this;
    return this.#ask(async ({ api, say }) => {
      const ids = await readIds();
      const { n_changed: n } = await api.post('/tags', { ids, [isGiven ? 'add' : 'remove']: [tag.trim()] });
      const points = countText(n, 'point');
      say(isGiven ? `Tagged ${points} '${tag.trim()}'.` : `Took the tag '${tag.trim()}' from ${points}.`);
      const tags = await api.get('/tags');
      if (tools !== this.tools) return; // another collection was opened meanwhile
      this.set({ tags });
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
