/** The map, painted where it will be while Dash still loads; it moves into the page when that is made. */

import { PointMap } from '../map/point_map.mjs';
import { DockState } from './dock_state.mjs';
import { within } from './elements.mjs';
import { FilterStore } from './filter_store.mjs';
import { KEPT } from './kept.mjs';
import { readTheme } from './theme.mjs';
import { ViewState } from './views/view_state.mjs';

/** @typedef {import('./map_panel.mjs').MapSpec} MapSpec */

const PLACE = 'early-map';
/** Narrower pages have no fixed place for the map. */
const WIDE = '(min-width: 901px)';
const DARK = '(prefers-color-scheme: dark)';
/** Where Mantine keeps the choice of light or dark, and where it writes what that came to. */
const KEPT_SCHEME = 'mantine-color-scheme-value';
const SCHEME = 'data-mantine-color-scheme';

/**
 * @param {string} search query of an address
 * @param {import('./dock_state.mjs').Storage} storage
 * @returns {number | null} height of the dock below the map in CSS pixels; null if the page does not open with a whole map
 */
export function dockBelow(search, storage) {
  const filter = new FilterStore();
  filter.adopt(search);
  if (filter.isActive || new ViewState(search, storage).state.view !== 'map') return null;
  return new DockState([], null, storage).state.heightPx;
}

export class EarlyMap {
  /**
   * @param {MapSpec | null} spec null if there is no map, or none is known
   * @param {number | undefined} dotSizePx
   */
  constructor(spec, dotSizePx) {
    this.spec = spec;
    this.dotSizePx = dotSizePx;
    /** @type {PointMap | null} */
    this.map = null;
    this.arrived = Promise.resolve(false);
    /** Whether the page has been made. */
    this.isOver = false;
  }

  /** @param {(url: string) => Promise<Response>} ask */
  async paint(ask) {
    const place = document.getElementById(PLACE);
    const dockPx = dockBelow(location.search, KEPT);
    if (this.spec === null || place === null || dockPx === null || !matchMedia(WIDE).matches) return;
    const answer = ask(this.spec.url);
    await styled();
    if (this.isOver) return;
    place.style.setProperty('--dock-height', `${dockPx}px`);
    place.hidden = false;
    try {
      this.map = new PointMap(within(place, 'div'));
      this.map.setTheme(readTheme());
      if (this.dotSizePx !== undefined) this.map.setDotSize(this.dotSizePx);
      this.arrived = this.#load(this.map, this.spec, answer);
    } catch {
      place.hidden = true; // the page says what is missing
    }
  }

  /** @param {PointMap} map @param {MapSpec} spec @param {Promise<Response>} answer */
  async #load(map, { colors, classNames: names }, answer) {
    const visible = new Uint8Array(names.length).fill(1);
    try {
      return await map.load(answer, { colors, names, visible, view: new URLSearchParams(location.search).get('v') });
    } catch {
      return false; // the page asks again, and says what is wrong
    }
  }

  /**
   * The first map of the page may be there; whatever it shows later takes the place of that one.
   * @param {string} url of a map
   * @returns {Promise<boolean>} whether all of it has arrived, for the first who asks
   */
  async has(url) {
    const isIt = this.spec?.url === url;
    this.spec = null;
    return isIt && this.arrived;
  }

  /**
   * The page is made: from now on the map is the page's.
   * @param {HTMLElement} host where the page has its map
   * @returns {PointMap | null} null if none was begun
   */
  moveTo(host) {
    this.isOver = true;
    if (this.map) host.append(this.map.host);
    document.getElementById(PLACE)?.remove();
    return this.map;
  }
}

/** Until the page's style sheet says where the map is. */
async function styled() {
  const sheet = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel=stylesheet][href*="page.css"]'));
  if (!sheet.sheet) await new Promise((resolve) => { sheet.addEventListener('load', resolve, { once: true }); });
}

/** Light or dark, as Mantine will decide it. */
export function adoptScheme() {
  const kept = KEPT.getItem(KEPT_SCHEME);
  const usual = matchMedia(DARK).matches ? 'dark' : 'light';
  document.documentElement.setAttribute(SCHEME, kept === 'light' || kept === 'dark' ? kept : usual);
}
