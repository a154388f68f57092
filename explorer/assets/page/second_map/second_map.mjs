/** The second map beside the first: which one, its points at the rows of the first, and what is said of it. */

import { DELETED_CLASS } from '../../map/columns.mjs';
import { parsePlaces } from '../../map/linked_columns.mjs';
import { LinkedMap } from '../../map/linked_map.mjs';
import { listen } from '../../map/listening.mjs';
import { COMPONENT } from '../component_ids.mjs';
import { byId, within } from '../elements.mjs';
import { drawFailedPicture } from '../failed_pictures.mjs';
import { HoverCard } from '../hover_card.mjs';
import { readLink, writeLink } from '../link.mjs';
import { MapCrops } from '../map_crops.mjs';
import { loadPicture } from '../map_panel.mjs';
import { send } from '../send.mjs';
import { API, answerOf, ask } from '../server.mjs';
import { shownName } from '../worklists/names.mjs';
import { createRoot, h } from '../worklists/react.mjs';
import { messageOf, Store } from '../worklists/store.mjs';
import { chooseMap, wordsOfMissing } from './map_choice.mjs';
import { SecondMapHead } from './second_map_head.mjs';

/** In the address: where the second map is looked at from. */
const VIEW = 'v2';
const NO_MAPS = 'This browser draws no pictures, so there are no maps.';

/**
 * @typedef {object} SecondMapState
 * @property {'closed' | 'waiting' | 'loading' | 'ready' | 'failed'} status
 * @property {string} message why it failed, or what it waits for
 * @property {import('./map_choice.mjs').Projection[]} maps of the collection that the second map is of
 * @property {string} collection its name
 * @property {import('../worklists/names.mjs').Named[]} collections that the first map's points may be in
 * @property {string | null} chosen id of the map
 * @property {string | null} first id of the map beside it
 * @property {string[]} notes
 */

/** @type {SecondMapState} */
const CLOSED = { status: 'closed', message: '', maps: [], collection: '', collections: [], chosen: null, first: null, notes: [] };

const mapsOf = (/** @type {string} */ collection) => `/collections/${encodeURIComponent(collection)}/projections`;

/** @extends {Store<SecondMapState>} */
export class SecondMap extends Store {
  /**
   * @param {import('../views/view_state.mjs').ViewState} look whether two maps are in view, and which is the second
   * @param {() => import('../map_panel.mjs').MapPanel | null} panel of the first map; null if the browser cannot draw it
   */
  constructor(look, panel) {
    super(CLOSED);
    this.look = look;
    this.panel = panel;
    /** @type {LinkedMap | null} */
    this.map = null;
    this.collection = '';
    this.nShown = 0;
    /** What the page asked for last. */
    this.wanted = '';
    /** What is said of a map that the address names and that is not there. */
    this.note = '';
    /** @type {unknown[]} what the notes are about */
    this.noted = [];
    /** @type {MapCrops | null} */
    this.crops = null;
    this.host = byId(COMPONENT.secondMap);
    this.hoverCard = new HoverCard(within(this.host, '.hover-card'));
    createRoot(within(this.host, '.second-map-head')).render(h(SecondMapHead, { second: this }));
    look.subscribe(() => this.#lookChanged());
    this.#lookChanged();
  }

  /** @param {string} collection that was opened */
  openCollection(collection) {
    if (collection === this.collection) return;
    const isOther = this.collection !== '';
    this.collection = collection;
    if (isOther) this.look.set({ second: null, secondCollection: null });
  }

  /** The first map goes: its rows mean nothing to the next one. */
  firstGoes() {
    this.#close();
    if (this.look.state.view === 'maps') this.set({ status: 'waiting', message: '' });
  }

  /** The first map was loaded, or the page has no map. */
  firstCame() {
    void this.show();
  }

  #lookChanged() {
    const { view, second, secondCollection } = this.look.state;
    const wanted = JSON.stringify([view === 'maps', second, secondCollection]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.host.hidden = view !== 'maps';
    within(document, '.page').classList.toggle('has-two-maps', view === 'maps');
    void this.show();
  }

  /** @param {string} id of a map of the collection in view */
  choose(id) {
    writeLink({ [VIEW]: null });
    this.look.set({ second: id });
  }

  /** @param {string} name of a collection, of which the newest map is shown */
  chooseCollection(name) {
    writeLink({ [VIEW]: null });
    this.look.set({ second: null, secondCollection: name === this.collection ? null : name });
  }

  /** Shows the second map as the page says, or none. */
  async show() {
    this.#close();
    const mine = this.nShown;
    if (this.look.state.view !== 'maps') {
      if (this.state.status !== 'closed') this.set(CLOSED);
      return;
    }
    const panel = this.panel();
    if (panel === null) this.set({ status: 'failed', message: NO_MAPS });
    else if (panel.spec === null || panel.loadedId !== panel.spec.id) this.set({ status: 'waiting', message: '' });
    else await this.#load(panel, panel.spec.id, () => mine !== this.nShown);
  }

  /**
   * @param {import('../map_panel.mjs').MapPanel} panel
   * @param {string} first id of the first map
   * @param {() => boolean} isLate whether another map was asked for meanwhile
   */
  async #load(panel, first, isLate) {
    const { second, secondCollection } = this.look.state;
    const collection = secondCollection ?? this.collection;
    this.set({ status: 'loading', message: '', collection, first, notes: [] });
    try {
      const [maps, collections] = await Promise.all([ask(send, mapsOf(collection)), ask(send, '/collections')]);
      if (isLate()) return;
      const found = chooseMap(maps, second, first);
      if (found === null) throw new Error(`There is no map of '${shownName(collections, collection)}' yet. Open it and make one.`);
      this.set({ maps, collections, chosen: found.id });
      const body = await this.#readPlaces(`${mapsOf(collection)}/${encodeURIComponent(found.id)}`, first);
      if (isLate()) return;
      this.note = second === null || found.id === second ? '' : `There is no map '${second}' any more; this is another one.`;
      this.#draw(panel, parsePlaces(body, panel.map.nPoints));
    } catch (error) {
      if (!isLate()) this.set({ status: 'failed', message: messageOf(error) });
    }
  }

  /** @param {string} path of the second map @param {string} first id of the first one @returns {Promise<ArrayBuffer>} */
  async #readPlaces(path, first) {
    const query = new URLSearchParams({ rows_of: first, rows_of_collection: this.collection });
    return (await answerOf(send, `${API}${path}/positions?${query}`)).arrayBuffer();
  }

  /** @param {import('../map_panel.mjs').MapPanel} panel @param {import('../../map/linked_columns.mjs').Places} places */
  #draw(panel, places) {
    const map = new LinkedMap(within(this.host, '.map-host'), panel.map);
    this.map = panel.second = map;
    this.crops = new MapCrops(map, (row, sizePx) => `${panel.spec?.rowUrl}/${row}/crop?size=${sizePx}`, loadPicture, drawFailedPicture);
    const { signal } = map.closing;
    listen(map, 'view', ({ text }) => this.#rested(panel, text), { signal });
    listen(map, 'hover', ({ row, px, py }) => {
      if (row < 0) this.hoverCard.hide();
      else this.hoverCard.show(panel.describe(row), px, py);
    }, { signal });
    listen(panel.map, 'drawn', () => this.#note(), { signal });
    map.place(places, readLink(VIEW));
    this.set({ status: 'ready' });
    this.#note();
  }

  /** @param {import('../map_panel.mjs').MapPanel} panel @param {string} text the view as in links */
  #rested(panel, text) {
    writeLink({ [VIEW]: text });
    this.crops?.look();
    void panel.coloring.lookedFrom();
  }

  /** Says which points one of the maps lacks, whenever others are selected. */
  #note() {
    const { map } = this;
    if (!map?.linked) return;
    const { first, linked } = map;
    const asked = [first.chosenRows, first.selected, first.renderer.nUploads];
    if (asked.every((one, place) => one === this.noted[place])) return;
    this.noted = asked;
    const isThere = (/** @type {number} */ row) => row >= 0 && linked.isMissing(row) && first.columns.classIndex[row] !== DELETED_CLASS;
    const words = wordsOfMissing({
      nMissing: linked.nMissing, nMore: linked.nMore, nShared: linked.count - linked.missing.length,
      nChosenMissing: first.chosenRows.filter(isThere).length, isPointMissing: isThere(first.selected),
    });
    this.set({ notes: this.note ? [this.note, ...words] : words });
  }

  #close() {
    this.nShown += 1;
    this.map?.close();
    const panel = this.panel();
    if (panel) panel.second = null;
    this.map = null;
    this.noted = [];
    this.crops = null;
    this.hoverCard.hide();
    if (this.look.state.view !== 'maps' && readLink(VIEW) !== null) writeLink({ [VIEW]: null });
  }
}
