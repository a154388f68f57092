/** Joins the search for what is similar with the page: the panel, the map, the box on the image, and images of people. */

import { COMPONENT } from '../component_ids.mjs';
import { byId, closest, TEXT_FIELDS, within } from '../elements.mjs';
import { BoxSearch } from '../search/box_search.mjs';
import { listenForImages } from '../search/image_drop.mjs';
import { send } from '../send.mjs';
import { createRoot, h } from '../worklists/react.mjs';
import { showsAny, SimilarPanel } from './similar_panel.mjs';
import { placesOf, SimilarStore } from './similar_store.mjs';

/** @typedef {import('./similar_store.mjs').Results} Results */

const LEAVE = '[data-similar="leave"]';

export class SimilarSearch {
  /**
   * @param {object} page
   * @param {() => string | null} page.selectedId id of the point whose image is shown
   * @param {() => boolean} page.isChoosing whether a dot was chosen whose point is not known yet
   * @param {import('../point/looked_at.mjs').LookedAt} page.inspector
   * @param {(id: string) => void} page.look shows a point, with its own neighbors
   * @param {() => void} page.leave no point is selected any more
   * @param {() => import('../map_panel.mjs').MapPanel | null} page.map
   * @param {import('../point/point_store.mjs').PointStore} page.lookedAt the point that is looked at, and whether it is a suspect
   * @param {() => import('../worklists/examples.mjs').Examples | undefined} page.examples of the open collection
   * @param {import('../class_colors.mjs').ColorOf} page.colorOf
   * @param {() => Record<string, unknown>} page.conditions of the filter
   * @param {(text: string) => void} page.say
   */
  constructor(page) {
    this.page = page;
    /** @type {Results} */
    this.results = { of: null, ids: [], reveals: false };
    /** @type {import('./similar_store.mjs').Example | null} what the results are of */
    this.resultsOf = null;
    /** How often people had moved the map when a point was chosen. If they move it after that, it does not fly to the point. */
    this.nMoves = 0;
    /** Address of the last image of a person. */
    this.imageUrl = '';
    const host = byId(COMPONENT.similar);
    this.store = new SimilarStore({
      send, conditions: page.conditions, limit: Number(host.dataset.limit), found: (results) => {
        this.resultsOf = this.store.wanted;
        void this.#place(results);
      },
    });
    this.store.subscribe(() => within(document, '.page').classList.toggle('has-neighbors', showsAny(this.store.state)));
    createRoot(host).render(h(SimilarPanel, { store: this.store, lookedAt: page.lookedAt, examples: page.examples, colorOf: page.colorOf }));
    this.boxSearch = new BoxSearch({
      selectedId: page.selectedId, collection: () => this.store.collection, look: page.look, say: page.say,
      picture: page.inspector.picture, zoom: (factor, place) => page.inspector.imageZoom.by(factor, place),
      find: ({ id, box }) => void this.store.search({ kind: 'box', id, box, reveals: false }),
    });
    const find = (/** @type {File} */ file, /** @type {string} */ name) => {
      if (this.store.collection === '') {
        page.say('There are no points to find yet: no collection is open.');
        return;
      }
      page.leave();
      URL.revokeObjectURL(this.imageUrl);
      this.imageUrl = URL.createObjectURL(file);
      void this.store.search({ kind: 'image', file, name, url: this.imageUrl, reveals: true });
    };
    listenForImages(byId(COMPONENT.upload), find, page.say);
    window.addEventListener('keydown', (event) => this.#key(event)); // after all who listen in the document
    document.addEventListener('click', ({ target }) => { if (closest(target, LEAVE)) page.leave(); });
  }

  /** Escape that meant nothing to anybody else leaves what was found by an image or a box. @param {KeyboardEvent} event */
  #key({ key, target, defaultPrevented }) {
    if (key !== 'Escape' || defaultPrevented || closest(target, TEXT_FIELDS) || document.querySelector('dialog[open]')) return;
    const { wanted } = this.store;
    if (wanted?.kind === 'image') this.page.leave();
    else if (wanted?.kind === 'box') this.page.look(wanted.id);
  }

  /** @param {import('../page.mjs').Selected} selected */
  look({ id, by }) {
    this.boxSearch.hide();
    this.nMoves = this.page.map()?.map.viewport.nMoves ?? 0;
    if (id !== null) void this.store.search({ kind: 'point', id, reveals: by === 'list' });
    else this.store.clear();
  }

  /** Another map is shown, where what is similar has other rows. */
  mapShown() {
    void this.#place({ ...this.results, reveals: false });
  }

  /** Whoever has gone on to another point meanwhile stays there. @param {Results} results what lights up on the map */
  async #place(results) {
    this.results = results;
    const wanted = this.resultsOf;
    const spec = this.page.map()?.spec;
    if (!spec) return;
    // Nothing lights up if the map does not answer, rather than what was found before; the panel says what is wrong.
    const places = await placesOf(send, spec.rowUrl, results).catch(() => ({ row: -1, neighbors: [], reveal: false }));
    const isLate = this.results !== results || this.#isOver(wanted) || this.page.isChoosing();
    const panel = this.page.map();
    if (isLate || panel?.spec !== spec) return;
    panel.highlight({ projection: spec.id, ...places, reveal: places.reveal && panel.map.viewport.nMoves === this.nMoves });
  }

  /** @param {SimilarStore['wanted']} wanted what was found is of that; null if nothing lights up any more, which is never too late @returns {boolean} whether something else is asked for by now */
  #isOver(wanted) {
    return wanted !== null && this.store.wanted !== wanted;
  }
}
