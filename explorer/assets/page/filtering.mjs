/** Joins the filter with what it narrows: the map, the lists, the search of Dash, and the page's address. */

import { COMPONENT } from './component_ids.mjs';
import { byId } from './elements.mjs';
import { FacetCounts, fadedRows } from './facet_counts.mjs';
import { FilterChips, FilterPanel } from './filter_panel.mjs';
import { FilterStore } from './filter_store.mjs';
import { keepInAddress } from './link.mjs';
import { CollectionApi } from './worklists/collection_api.mjs';
import { pause } from './worklists/pause.mjs';
import { createRoot, h } from './worklists/react.mjs';
import { send } from './send.mjs';

/** @typedef {import('./filter_panel.mjs').OpenCollection} OpenCollection */
/** @typedef {import('./filter_store.mjs').Choice} Choice */
/** @typedef {import('./map_panel.mjs').MapPanel} MapPanel */

/** Counts follow a typed or dragged filter after this long, the map and its classes at once. */
const PAUSE_MS = 60;
/** Lists wait so long for the map at most. */
const PATIENCE_MS = 150;
const NO_CLASS = 'no class';
/** What the api calls a name that no point has. */
const UNKNOWN_NAME = 'UnknownNameError';
/** @type {Choice[]} facets whose values are names */
const NAMED = ['class_name', 'dataset', 'tags', 'annotated_by'];

/**
 * @typedef {object} PageOfFilter
 * @property {() => MapPanel | null | undefined} map
 * @property {(query: import('./filter_store.mjs').FilterQuery) => void} changed lists are others now
 * @property {(text: string) => void} say
 */

export class Filtering {
  /** @param {PageOfFilter} page */
  constructor(page) {
    this.page = page;
    this.store = new FilterStore();
    this.store.adopt(location.search);
    this.counts = new FacetCounts(() => this.#count());
    /** @type {OpenCollection | null} */
    this.collection = null;
    this.roots = [createRoot(byId(COMPONENT.filterHost)), createRoot(byId(COMPONENT.filterChips))];
    /** What the mask on the map was asked for; another question makes it stale. */
    this.asked = '';
    /** Number of that question; the answer to an older one, as about verdicts before, comes too late. */
    this.nAsked = 0;
    /** Number of the last change of the filter. */
    this.nChanges = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.recount = undefined;
    keepInAddress(this.store);
    this.store.subscribe(() => this.#changed());
  }

  /**
   * @param {OpenCollection | null} collection another one starts without a filter, but for that of the link
   * @param {() => void} openLists called once the link's names that no point has are left out
   */
  openCollection(collection, openLists) {
    if (collection === null) return openLists();
    const isFirst = this.collection === null;
    const isOther = !isFirst && this.collection?.name !== collection.name;
    this.collection = collection;
    if (isOther) {
      this.counts.forget();
      this.store.clear();
    }
    this.#dropUnknown(collection, { class_name: [...collection.classes, ''], dataset: [...collection.datasets, ''] });
    const props = { filter: this.store, counts: this.counts };
    this.roots[0].render(h(FilterPanel, { key: collection.name, ...props, collection }));
    this.roots[1].render(h(FilterChips, { key: collection.name, ...props }));
    this.pointsChanged();
    if (this.store.isActive) this.page.changed(this.store.query());
    if (isFirst && this.#isUnsure) void this.#check(collection, openLists);
    else openLists();
  }

  /** Whether it has names that the counts alone know: tags, annotators, and points without a class or dataset. */
  get #isUnsure() {
    const { class_name: classes, dataset, tags, annotated_by: annotators } = this.store.state;
    return tags.length + annotators.length > 0 || classes.includes('') || dataset.includes('');
  }

  /** @param {OpenCollection} collection @param {() => void} openLists */
  async #check(collection, openLists) {
    clearTimeout(this.recount);
    await this.counts.reload(); // says itself why it failed
    if (collection === this.collection) openLists(); // else it was opened anew meanwhile
  }

  /** @param {OpenCollection} collection @param {Partial<Record<Choice, string[]>>} known @returns {boolean} whether something was left out */
  #dropUnknown({ display_name: collection }, known) {
    const dropped = this.store.dropUnknown(known);
    if (dropped.length === 0) return false;
    const [{ noun, name }] = dropped;
    const what = name === '' ? `point without ${noun === 'annotator' ? 'an' : 'a'} ${noun}` : `${noun} '${name}'`;
    const more = dropped.length > 1 ? ` and ${dropped.length - 1} more` : '';
    this.page.say(`There is no ${what}${more} in '${collection}', which the link names; the filter leaves it out.`);
    return true;
  }

  /** Points, verdicts or scores are others: counts and what the map shows are asked anew. */
  pointsChanged() {
    this.asked = '';
    clearTimeout(this.recount);
    this.recount = setTimeout(() => { if (this.collection) this.counts.reload(); }, PAUSE_MS);
    void this.#greyMap();
  }

  /** A map has arrived. */
  mapLoaded() {
    this.asked = '';
    void this.#greyMap();
  }

  #changed() {
    void this.#narrow(this.#greyMap().then(painted));
  }

  /** Counts and lists follow the map, unless another change comes meanwhile. @param {Promise<void>} greyed */
  async #narrow(greyed) {
    this.nChanges += 1;
    const mine = this.nChanges;
    await pause(PAUSE_MS);
    if (mine === this.nChanges) await Promise.race([greyed, pause(PATIENCE_MS)]);
    if (mine !== this.nChanges) return;
    if (this.collection) this.counts.reload();
    this.page.changed(this.store.query());
  }

  /** @returns {Promise<any>} under the filter, without names that no point has */
  async #count() {
    const { collection } = this;
    try {
      return await this.#api().post('/facets', this.store.query());
    } catch (error) {
      const isUnknown = /** @type {{code?: string}} */ (error).code === UNKNOWN_NAME;
      if (!isUnknown || !collection || !await this.#dropUnknownOf(collection)) throw error;
      return this.#api().post('/facets', this.store.query());
    }
  }

  /** Tags and annotators of a link are known to the counts alone. @param {OpenCollection} collection */
  async #dropUnknownOf(collection) {
    const all = await this.#api().post('/facets', {});
    if (collection.name !== this.collection?.name) return false; // another one was opened meanwhile
    const known = Object.fromEntries(NAMED.map((facet) => [facet, all[facet].map((/** @type {{name: string}} */ { name }) => name)]));
    return this.#dropUnknown(this.collection, known);
  }

  #api() {
    return new CollectionApi(this.collection?.name ?? '', send);
  }

  /** Classes recede at once. For other conditions the api says which rows fit, and this waits for it. */
  async #greyMap() {
    const panel = this.page.map();
    if (!panel?.spec || panel.loadedId !== panel.spec.id) return;
    panel.showClasses(this.classFlags(panel.spec.classNames));
    const query = this.store.queryWithoutClasses();
    const question = JSON.stringify([panel.spec.id, query]);
    if (question === this.asked) return;
    this.asked = question;
    this.nAsked += 1;
    if (Object.keys(query).length === 0) panel.fade(null);
    else await this.#askMatches(panel, panel.spec, query);
  }

  /**
   * @param {MapPanel} panel
   * @param {import('./map_panel.mjs').MapSpec} spec
   * @param {object} query
   */
  async #askMatches(panel, spec, query) {
    const mine = this.nAsked;
    try {
      const bits = await this.#api().postForBytes(`/projections/${encodeURIComponent(spec.id)}/matches`, query);
      if (mine === this.nAsked && panel.spec === spec) panel.fade(fadedRows(bits, panel.map.nPoints));
    } catch {
      if (mine === this.nAsked) this.asked = ''; // the counts say what is wrong; the next change asks again
    }
  }

  /** @param {string[]} labels of the classes of a map @returns {Uint8Array} one per class, 0 for those that recede */
  classFlags(labels) {
    return this.store.classFlags(labels.map((label) => (label === NO_CLASS ? '' : label)));
  }
}

/** Until the frame has been shown that the map paints next. */
async function painted() {
  for (let n = 0; n < 2; n++) await new Promise((resolve) => { requestAnimationFrame(resolve); });
}
