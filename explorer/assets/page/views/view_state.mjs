/** How the centre of the page shows the points that the filter leaves, and in which order. Knows no document. */

import { KEPT } from '../kept.mjs';
import { Store } from '../worklists/store.mjs';

/** Views, in the order of their switch. */
export const VIEWS = /** @type {const} */ ([
  { key: 'map', title: 'Map', hint: 'Where the points are, by what they look like' },
  { key: 'maps', title: 'Two maps', hint: 'Two maps of the same points side by side, with one selection' },
  { key: 'gallery', title: 'Gallery', hint: 'Crops of all points that the filter leaves' },
  { key: 'table', title: 'Table', hint: 'All points that the filter leaves, one per line' },
]);

/** Orders of a gallery as the api names them; `descending` is the direction that people mean first. */
export const ORDERS = /** @type {const} */ ([
  { key: 'suspect', title: 'Suspect score', descending: true },
  { key: 'class', title: 'Class', descending: false },
  { key: 'suggested', title: 'Suggested class', descending: false },
  { key: 'file', title: 'File name', descending: false },
  { key: 'dataset', title: 'Dataset', descending: false },
  { key: 'size', title: 'Size', descending: true },
  { key: 'outlier', title: 'Outlier score', descending: true },
  { key: 'similarity', title: 'Similarity to the point', descending: true },
  { key: 'updated', title: 'Last edit', descending: true },
  { key: 'review', title: 'Review', descending: false },
  { key: 'tags', title: 'Tags', descending: false },
]);

/** @typedef {typeof VIEWS[number]['key']} ViewKey */
/** @typedef {typeof ORDERS[number]['key']} OrderKey */

/**
 * @typedef {object} ViewLook
 * @property {ViewKey} view
 * @property {OrderKey} order
 * @property {boolean} descending
 * @property {number} sizePx of a crop
 * @property {string[]} like ids of examples; with some, only what resembles them is shown
 * @property {string[]} unlike ids of counter-examples
 * @property {boolean} onePerImage
 * @property {boolean} isDiverse
 * @property {string | null} second id of the second map; null for the newest other one
 * @property {string | null} secondCollection its collection, if that is another one
 */

/** @param {ViewKey} view @returns {boolean} whether it lists points in place of the map */
export const isList = (view) => view === 'gallery' || view === 'table';

export const SMALLEST_PX = 48;
export const LARGEST_PX = 256;
const FIRST_PX = 96;
const KEPT_AS = 'lookalike-crop-size';
const NO_EXAMPLES = { like: [], unlike: [], onePerImage: false, isDiverse: false };

/** @extends {Store<ViewLook>} */
export class ViewState extends Store {
  /**
   * @param {string} search query of the page's address
   * @param {{getItem: (name: string) => string | null, setItem: (name: string, value: string) => void}} storage keeps the size of crops, the browser's without one
   */
  constructor(search, storage = KEPT) {
    const kept = Number(storage.getItem(KEPT_AS));
    super({
      view: 'map', order: 'suspect', descending: true, ...NO_EXAMPLES, second: null, secondCollection: null,
      sizePx: kept >= SMALLEST_PX && kept <= LARGEST_PX ? kept : FIRST_PX,
    });
    this.storage = storage;
    this.adopt(search);
  }

  /** @param {string} search query of an address */
  adopt(search) {
    const query = new URLSearchParams(search);
    const view = VIEWS.find(({ key }) => key === query.get('view'))?.key ?? 'map';
    const order = ORDERS.find(({ key }) => key === query.get('order')) ?? ORDERS[0];
    const descending = query.has('direction') ? query.get('direction') === 'down' : order.descending;
    const found = {
      view, order: order.key, descending, like: query.getAll('like'), unlike: query.getAll('unlike'),
      onePerImage: query.has('one_per_image'), isDiverse: query.has('diverse'),
      second: query.get('map2'), secondCollection: query.get('collection2'),
    };
    if (JSON.stringify(found) !== JSON.stringify(this.#linked())) this.set(found);
  }

  #linked() {
    const { view, order, descending, like, unlike, onePerImage, isDiverse, second, secondCollection } = this.state;
    return { view, order, descending, like, unlike, onePerImage, isDiverse, second, secondCollection };
  }

  /** @returns {Record<string, string[]>} values by their name in the address; none for what is usual */
  toLink() {
    const { view, order, descending, like, unlike, onePerImage, isDiverse, second, secondCollection } = this.state;
    const usual = ORDERS.find(({ key }) => key === order)?.descending;
    return {
      view: view === 'map' ? [] : [view],
      order: order === 'suspect' ? [] : [order],
      direction: descending === usual ? [] : [descending ? 'down' : 'up'],
      like, unlike,
      one_per_image: onePerImage ? ['yes'] : [],
      diverse: isDiverse ? ['yes'] : [],
      map2: second === null ? [] : [second],
      collection2: secondCollection === null ? [] : [secondCollection],
    };
  }

  /** @param {OrderKey} order another one begins in the direction that people mean; the same one turns around */
  orderBy(order) {
    const usual = ORDERS.find(({ key }) => key === order)?.descending ?? true;
    this.set({ order, descending: order === this.state.order ? !this.state.descending : usual });
  }

  /** @param {number} sizePx */
  resize(sizePx) {
    const kept = Math.round(Math.max(SMALLEST_PX, Math.min(LARGEST_PX, sizePx)));
    this.storage.setItem(KEPT_AS, String(kept));
    this.set({ sizePx: kept });
  }

  /**
   * @param {'like' | 'unlike'} kind
   * @param {string[]} ids join the examples of that kind, and are of the other kind no more
   */
  addExamples(kind, ids) {
    const other = kind === 'like' ? 'unlike' : 'like';
    const added = new Set(ids);
    this.set(/** @type {any} */ ({
      [kind]: [...new Set([...this.state[kind], ...ids])],
      [other]: this.state[other].filter((id) => !added.has(id)),
    }));
  }

  clearExamples() {
    this.set(NO_EXAMPLES);
  }

  /** What is shown depends on this. @returns {string} */
  get question() {
    const { order, descending, like, unlike, onePerImage, isDiverse } = this.state;
    return JSON.stringify([order, descending, like, unlike, onePerImage, isDiverse]);
  }
}
