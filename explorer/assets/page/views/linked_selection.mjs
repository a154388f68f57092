/**
 * The selection in the page's address: by its name, or by a key that only this tab of the browser knows. A link and Back
 * bring it back.
 */

import { differs, writeLink } from '../link.mjs';
import { renumber } from '../../map/row_sets.mjs';
import { TabSelections } from './tab_selections.mjs';

/** @typedef {import('./selecting.mjs').Selecting} Selecting */
/** @typedef {import('../kept_selection.mjs').MapName} MapName */
/** @typedef {{name: string | null, key: string | null}} Linked */
/** @typedef {{spec: MapName | null, loadedId: string | null, map: {chosenRows: number[], nPoints: number}}} Panel */

/**
 * @typedef {object} PageOfLinkedSelection
 * @property {() => Panel | null | undefined} map
 * @property {(from: MapName, to: MapName) => Promise<Int32Array>} readNumbers row on the second map of each row of the first
 * @property {(text: string) => void} say
 */

const UNKNOWN = 'Only the browser tab where it was made knows the selection of this link. Save a selection under a name to link to it.';

export class LinkedSelection {
  /** @param {PageOfLinkedSelection} page @param {() => Selecting} selecting */
  constructor(page, selecting) {
    this.page = page;
    this.selecting = selecting;
    this.tab = new TabSelections(() => sessionStorage);
    /** @type {Linked | null} what the address asks for, until it is shown */
    this.wanted = linkedAt(location.search);
  }

  /**
   * The address says what is selected. While a map comes, its rows mean nothing.
   * @param {{isStep: boolean}} options whether Back leads to what was selected before
   */
  follow(options) {
    const panel = this.#panel;
    if (this.wanted !== null || panel === null) return;
    const { opened } = this.selecting().state;
    const values = { selection: opened, unnamed: opened === null ? this.#keyOf(panel) : null };
    if (differs(values)) writeLink(values, options);
  }

  /** @returns {Panel | null} null while a map comes */
  get #panel() {
    const panel = this.page.map();
    return panel && panel.loadedId === (panel.spec?.id ?? null) ? panel : null;
  }

  /** @param {{spec: MapName | null, map: {chosenRows: number[]}}} panel @returns {string | null} key of what is selected, if it is anything */
  #keyOf({ spec, map: { chosenRows: rows } }) {
    return spec === null || rows.length === 0 ? null : this.tab.keep({ collection: spec.collection, map: spec.id, rows });
  }

  /** A map is there: what the address asks for is selected on it, or the address says what is. */
  mapShown() {
    if (this.wanted === null) this.follow({ isStep: false });
    else if (this.#panel?.spec) void this.#show(this.wanted);
  }

  /** The browser went back or forth, to an address of the same map. */
  goBack() {
    const { name, key } = linkedAt(location.search) ?? { name: null, key: null };
    const panel = this.#panel;
    if (!panel?.spec) return;
    const isShown = name === this.selecting().state.opened && (name !== null || key === this.#keyOf(panel));
    if (!isShown) void this.#show({ name, key });
  }

  /** @param {Linked} wanted */
  async #show({ name, key }) {
    this.wanted = null;
    if (name !== null) await this.selecting().load(name);
    else await this.selecting().show(async () => (key === null ? [] : this.#rowsOf(key)));
    this.follow({ isStep: false });
  }

  /** @param {string} key @returns {Promise<number[]>} rows on the map that is shown; none if they are not known, which is said */
  async #rowsOf(key) {
    const { spec, map } = /** @type {{spec: MapName, map: {nPoints: number}}} */ (this.page.map());
    const kept = this.tab.find(key);
    try {
      if (kept?.collection !== spec.collection) throw new Error(UNKNOWN);
      const from = { collection: kept.collection, id: kept.map };
      const rows = kept.map === spec.id ? kept.rows : renumber(kept.rows, await this.page.readNumbers(from, spec));
      return rows.filter((row) => row >= 0 && row < map.nPoints);
    } catch { // another tab's, or of a map that was deleted
      this.page.say(UNKNOWN);
      return [];
    }
  }
}

/** @param {string} search query of an address @returns {Linked | null} null if it names no selection */
export function linkedAt(search) {
  const query = new URLSearchParams(search);
  const [name, key] = [query.get('selection'), query.get('unnamed')];
  return name === null && key === null ? null : { name, key };
}
