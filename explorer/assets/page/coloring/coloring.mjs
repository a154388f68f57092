/**
 * What dots are coloured by, and what the legend says of it. A column is fetched when dots are first coloured by it.
 * Knows no document.
 */

import { NO_SCORE } from '../../map/columns.mjs';
import { RAMP_PLACES, rampTexels } from '../../map/palette.mjs';
import { parseColumn } from '../../map/value_column.mjs';
import { messageOf, Store } from '../worklists/store.mjs';

/** Colours of the legend's ramp. */
const GRADIENT_STOPS = 24;
/** Clusters of a nearer look are so many times finer. */
const FINER = 4;

/**
 * Words of the columns; `lower` and `upper` are what the ends of a ramp mean.
 * @type {Record<string, {noun: string, lower?: string, upper?: string, absent?: string}>}
 */
export const COLORINGS = {
  class: { noun: 'Class' },
  dataset: { noun: 'Dataset' },
  cluster: { noun: 'Cluster' },
  score: { noun: 'Suspect score', lower: 'label fits', upper: 'suspect', absent: 'No suspect scores: no class has enough points.' },
  trust: {
    noun: 'Trust', lower: 'neighbors lie elsewhere', upper: 'place can be trusted',
    absent: 'Not measured when this map was made; make it anew.',
  },
  outlier: { noun: 'Outlier score', lower: 'like many others', upper: 'like no other', absent: 'No outlier scores: there are too few points.' },
  edited: { noun: 'Time of edit', lower: 'first', upper: 'last', absent: 'The source tells no times of edit.' },
};

/** @typedef {{name: string, color: string, count: number, nFitting?: number}} Entry a category in the legend; `nFitting` points of it fit the page's filter, if there is one */

/**
 * @typedef {object} ColoringState
 * @property {string} name key of `COLORINGS` that dots are coloured by, or will be
 * @property {'ready' | 'loading' | 'failed'} status
 * @property {string} message why it failed
 * @property {Entry[]} entries categories, most frequent first
 * @property {string[]} gradient colours of the ramp from lower to upper end
 * @property {string} lower
 * @property {string} upper
 * @property {string} note
 */

/**
 * @typedef {object} ColoredMap the map as far as colours concern it
 * @property {import('../../map/point_map.mjs').PointMap} map
 * @property {{id: string, columnsUrl: string, classNames: string[], palette: string[], otherColor: string} | null} spec
 * @property {string | null} loadedId
 * @property {{camera: import('../../map/camera.mjs').Camera} | null} [second] the map beside it, if two are in view
 */

/** @type {ColoringState} */
const BY_CLASS = { name: 'class', status: 'ready', message: '', entries: [], gradient: [], lower: '', upper: '', note: '' };

/** @extends {Store<ColoringState>} */
export class Coloring extends Store {
  /**
   * @param {ColoredMap} panel
   * @param {(url: string) => Promise<Response>} send `fetch`
   */
  constructor(panel, send) {
    super(BY_CLASS);
    this.panel = panel;
    this.send = send;
    this.nShown = 0;
    /** Of clusters: above 1 makes more and smaller ones. */
    this.resolution = 1;
    /** Whether finer names of clusters are there, or on their way. */
    this.isFine = false;
  }

  /** @param {string} name key of `COLORINGS`; anything else stands for the class */
  async show(name) {
    this.nShown += 1;
    const mine = this.nShown;
    this.isFine = false;
    const known = Object.hasOwn(COLORINGS, name) ? name : 'class';
    if (known === 'class') {
      this.panel.map.paint.byClass();
      this.#nameClasses();
      this.set(BY_CLASS);
      return;
    }
    this.set({ name: known, status: 'loading', message: '' });
    const { spec } = this.panel;
    if (!spec || this.panel.loadedId !== spec.id) return; // the map asks again when it has arrived
    try {
      const found = await this.#fetch(`${spec.columnsUrl}/${this.#columnOf(known)}`);
      if (mine !== this.nShown || this.panel.spec !== spec) return;
      if (found.info.kind === 'category') this.#showCategories(found, spec);
      else this.#showNumbers(found);
    } catch (error) {
      if (mine === this.nShown) this.set({ status: 'failed', message: messageOf(error) });
    }
  }

  /** @param {number} resolution of clusters: above 1 makes more and smaller ones */
  async divide(resolution) {
    if (resolution === this.resolution) return;
    this.resolution = resolution;
    if (this.state.name === 'cluster') await this.refresh();
  }

  /** @param {string} name @param {number} [resolution] of clusters @returns {string} the end of its address */
  #columnOf(name, resolution = this.resolution) {
    return name === 'cluster' && resolution !== 1 ? `${name}?resolution=${resolution}` : name;
  }

  /** Another map, other scores, or another try. */
  async refresh() {
    await this.show(this.state.name);
  }

  /** The page has other colours: light or dark. */
  restyle() {
    if (this.state.gradient.length > 0) this.set({ gradient: this.#gradient() });
  }

  /** The map is seen from elsewhere: finer clusters get names when it is near. */
  async lookedFrom() {
    const { map, spec } = this.panel;
    if (this.isFine || this.state.name !== 'cluster' || this.state.status !== 'ready' || !spec) return;
    if (![map, this.panel.second].some((one) => one && map.nameLabels.isNear(one.camera))) return;
    this.isFine = true;
    const mine = this.nShown;
    try {
      const { info, values } = await this.#fetch(`${spec.columnsUrl}/${this.#columnOf('cluster', FINER * this.resolution)}`);
      if (mine !== this.nShown || this.panel.spec !== spec) return;
      const numbers = /** @type {Uint16Array<ArrayBuffer>} */ (values);
      map.nameLabels.refine(numbered(map.columns, numbers), info.categories.map((one) => one.name), spec.classNames);
      map.drawOverlay();
    } catch {
      this.isFine = false; // the coarse names stay; the next view asks again
    }
  }

  /** @param {number} category @returns {string} its name as the api has it; empty for points without one */
  entryName(category) {
    const { name } = this.state.entries[category];
    return name === `no ${this.state.name}` ? '' : name;
  }

  /** @param {number} category @returns {number[]} its rows that fit the page's filter */
  rowsOf(category) {
    const { map } = this.panel;
    const rows = [];
    for (let row = 0; row < map.columns.count; row++) if (map.columns.category[row] === category && map.isVisible(row)) rows.push(row);
    return rows;
  }

  /** Other points fit the page's filter. */
  recount() {
    if (this.state.entries.length > 0) this.set({ entries: this.#counted(this.state.entries) });
  }

  /** @param {Entry[]} entries @returns {Entry[]} with how many of each fit the page's filter, if there is one */
  #counted(entries) {
    const { map } = this.panel;
    if (!map.isNarrowed) return entries.map(({ name, color, count }) => ({ name, color, count }));
    const counts = new Uint32Array(entries.length);
    for (let row = 0; row < map.columns.count; row++) {
      const category = map.columns.category[row];
      if (category < entries.length && map.isVisible(row)) counts[category] += 1;
    }
    return entries.map((entry, category) => ({ ...entry, nFitting: counts[category] }));
  }

  /** @param {string} url */
  async #fetch(url) {
    const response = await this.send(url);
    if (!response.ok) throw new Error(await reasonOf(response));
    return parseColumn(await response.arrayBuffer(), this.panel.map.columns.capacity);
  }

  /**
   * @param {{info: import('../../map/value_column.mjs').ColumnInfo, values: any}} found
   * @param {NonNullable<ColoredMap['spec']>} spec
   */
  #showCategories({ info, values }, { palette, otherColor, classNames }) {
    const { map } = this.panel;
    const entries = info.categories.map(({ name, count }, place) => ({
      name: name || `no ${info.name}`, count, color: palette[place] ?? otherColor,
    }));
    map.paint.byCategory(info.name, values, entries.map((one) => one.color));
    const classes = info.name === 'cluster' ? classNames : undefined;
    map.nameLabels.name(numbered(map.columns, map.columns.category), entries.map((one) => one.name), classes);
    map.drawOverlay();
    this.set({ ...BY_CLASS, name: info.name, entries: this.#counted(entries) });
    void this.lookedFrom();
  }

  /** @param {{info: import('../../map/value_column.mjs').ColumnInfo, values: any}} found */
  #showNumbers({ info, values }) {
    const { map } = this.panel;
    const { lower = '', upper = '', absent = '' } = COLORINGS[info.name];
    map.paint.byNumber(info.name, values);
    this.#nameClasses();
    const isKnown = values.some((/** @type {number} */ byte) => byte !== NO_SCORE);
    const withDay = (/** @type {string} */ word, /** @type {string | null} */ moment) => (moment ? `${word}, ${moment.slice(0, 10)}` : word);
    this.set({
      ...BY_CLASS, name: info.name, gradient: this.#gradient(), note: isKnown ? '' : absent,
      lower: withDay(lower, info.least), upper: withDay(upper, info.greatest),
    });
  }

  #nameClasses() {
    const { map, spec } = this.panel;
    if (!spec) return;
    map.nameLabels.name(map.columns, spec.classNames);
    map.drawOverlay();
  }

  /** @returns {string[]} */
  #gradient() {
    const { name, ramp } = this.panel.map.paint;
    const texels = rampTexels(ramp.stops, ramp.noneColor, RAMP_PLACES[name]);
    return Array.from({ length: GRADIENT_STOPS }, (_, stop) => {
      const byte = Math.round((stop / (GRADIENT_STOPS - 1)) * (NO_SCORE - 1));
      return `rgb(${texels.slice(4 * byte, 4 * byte + 3).join(', ')})`;
    });
  }
}

/**
 * @param {import('../../map/columns.mjs').PointColumns} columns
 * @param {Uint16Array<ArrayBuffer>} classIndex
 */
function numbered({ count, x, y }, classIndex) {
  return { count, x, y, classIndex };
}

/** @param {Response} response @returns {Promise<string>} what the api says of it */
async function reasonOf(response) {
  try {
    return (await response.json()).detail ?? `status ${response.status}`;
  } catch {
    return `The colours could not be loaded (status ${response.status}).`;
  }
}
