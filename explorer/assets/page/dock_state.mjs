/** Which worklist is open and how tall the dock is. Knows no document. */

import { KEPT } from './kept.mjs';
import { Store } from './worklists/store.mjs';

export const LOWEST_PX = 120;
export const FIRST_PX = 318;
/** What stays of the map above the dock. */
const MAP_PX = 120;
const STEP_PX = 24;
const KEPT_AS = 'lookalike-dock-height';

/** @typedef {{open: string, heightPx: number, isFull: boolean}} DockLook */
/** @typedef {{getItem: (name: string) => string | null, setItem: (name: string, value: string) => void}} Storage */

/** @extends {Store<DockLook>} */
export class DockState extends Store {
  /**
   * @param {string[]} keys of the worklists, in the order of their tabs
   * @param {string | null} wanted key that the page's address asks for; the first one if there is none such
   * @param {Storage} storage keeps the height, the browser's without one
   */
  constructor(keys, wanted, storage = KEPT) {
    const kept = Number(storage.getItem(KEPT_AS));
    super({
      open: wanted !== null && keys.includes(wanted) ? wanted : keys[0],
      heightPx: kept >= LOWEST_PX ? kept : FIRST_PX,
      isFull: false,
    });
    this.keys = keys;
    this.storage = storage;
    /** @type {string | null} what was open before a selection opened its worklist */
    this.before = null;
  }

  /** @param {string | null} key the first worklist if there is none such */
  open(key) {
    const open = key !== null && this.keys.includes(key) ? key : this.keys[0];
    this.before = null;
    if (open !== this.state.open) this.set({ open });
  }

  /**
   * @param {string} key of `KeyboardEvent`, pressed on a tab
   * @returns {string | null} the worklist that it opens
   */
  tabOf(key) {
    const place = this.keys.indexOf(this.state.open);
    const n = this.keys.length;
    const places = { ArrowRight: (place + 1) % n, ArrowLeft: (place + n - 1) % n, Home: 0, End: n - 1 };
    return key in places ? this.keys[places[/** @type {keyof typeof places} */ (key)]] : null;
  }

  /**
   * Opens the worklist of a selection as long as there is one, then what was open before.
   * @param {string} key
   * @param {boolean} isThere
   */
  lend(key, isThere) {
    const { open } = this.state;
    if (isThere && open !== key) {
      this.set({ open: key });
      this.before = open;
    } else if (!isThere && open === key && this.before !== null) {
      this.open(this.before);
    }
  }

  // ---- height -----------------------------------------------------------------------------------------------------

  /** @param {number} heightPx @param {number} roomPx of map and dock together */
  resize(heightPx, roomPx) {
    const kept = Math.round(Math.max(LOWEST_PX, Math.min(heightPx, highestPx(roomPx))));
    this.storage.setItem(KEPT_AS, String(kept));
    this.set({ heightPx: kept, isFull: false });
  }

  toggleFull() {
    this.set({ isFull: !this.state.isFull });
  }

  /**
   * @param {string} key of `KeyboardEvent`, pressed on the separator
   * @param {number} roomPx of map and dock together
   * @returns {boolean} whether it meant something
   */
  resizeByKey(key, roomPx) {
    const { heightPx } = this.state;
    /** @type {Record<string, number>} */
    const heights = { ArrowUp: heightPx + STEP_PX, ArrowDown: heightPx - STEP_PX, Home: LOWEST_PX, End: Infinity };
    if (key === 'Enter') this.toggleFull();
    else if (key in heights) this.resize(heights[key], roomPx);
    else return false;
    return true;
  }
}

/** @param {number} roomPx of map and dock together @returns {number} tallest dock that leaves the map in view */
export function highestPx(roomPx) {
  return Math.max(LOWEST_PX, roomPx - MAP_PX);
}
