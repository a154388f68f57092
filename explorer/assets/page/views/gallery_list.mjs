/**
 * The points of the centre's gallery or table: any number of them, loaded page by page as they come into view, walked
 * along, marked and judged as those of a worklist. Knows no document.
 */

import { CardWorklist, sentence } from '../worklists/card_worklist.mjs';
import { messageOf } from '../worklists/store.mjs';

/** @typedef {import('../worklists/card_worklist.mjs').Tools} Tools */

/**
 * @typedef {object} ListedPoint as the api has it
 * @property {string} id
 * @property {string | null} class_name
 * @property {string | null} suggested_class
 * @property {number | null} suspect_score
 * @property {number | null} value
 * @property {string} dataset
 * @property {string} image_name
 * @property {number[] | null} size_hw
 * @property {string[]} tags
 * @property {string | null} updated_at
 * @property {{verdict: string, class_name?: string, who: string} | null} review
 */

/** @typedef {import('../worklists/card_worklist.mjs').Card & {listed: ListedPoint}} ListedCard */
/** @typedef {{points: ListedPoint[], total: number, whyEmpty: string | null}} Window */

export const PAGE = 200;
/** Keys that are about the current card. */
const OF_CARD = ['a', 'd', 's', 'c', ' ', 'Enter'];
/** The api judges so many points at once. */
export const MOST_MARKED = 10_000;

/** @param {ListedPoint} listed @returns {ListedCard} */
export function cardOfListed(listed) {
  return { id: listed.id, points: [listed], suggested: listed.suggested_class, reason: '', listed };
}

export class GalleryList extends CardWorklist {
  /**
   * @param {Tools} tools
   * @param {(offset: number, limit: number) => Promise<Window>} load
   */
  constructor(tools, load) {
    super(tools, async () => ({ cards: [], hasMore: false }));
    this.load = load;
    /** @type {Map<string, number>} places of the points that have arrived, by id */
    this.places = new Map();
    /** @type {Map<number, Promise<void>>} pages that have arrived or are on their way, by number */
    this.pages = new Map();
    /** Items of a line, and lines in view: what arrow keys and pages mean. */
    this.nColumns = 1;
    this.nLines = 10;
    /** @type {string | null} what was looked at last */
    this.lookedId = null;
    /** @type {{place: number} | null} where a key leads while the card is on its way; another key or click replaces it */
    this.goal = null;
    /** How often all marks were taken away. */
    this.nClears = 0;
  }

  /** @returns {(ListedCard | undefined)[]} a place per point; what has not arrived is not there */
  get cards() {
    return /** @type {any} */ (this.state.cards);
  }

  get count() {
    return this.state.status === 'ready' ? this.state.cards.length : null;
  }

  // ---- loading ----------------------------------------------------------------------------------------------------

  /** @override */
  forget() {
    this.pages = new Map();
    this.places = new Map();
    super.forget();
  }

  /** @override */
  reload() {
    this.forget();
    this.set({ status: 'loading' });
    return this.#page(0);
  }

  /**
   * Loads what of some places has not arrived.
   * @param {number} first
   * @param {number} last behind the last one
   */
  async need(first, last) {
    const pages = [];
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page++) pages.push(this.#page(page));
    await Promise.all(pages);
  }

  /** @param {number} number @returns {Promise<void>} */
  #page(number) {
    let page = this.pages.get(number);
    if (page === undefined) {
      page = this.#load(number);
      this.pages.set(number, page);
    }
    return page;
  }

  /** @param {number} number */
  async #load(number) {
    const mine = this.nLoads;
    try {
      const { points, total, whyEmpty } = await this.load(number * PAGE, PAGE);
      if (mine !== this.nLoads) return;
      const cards = this.cards.slice();
      cards.length = total;
      points.forEach((listed, place) => {
        cards[number * PAGE + place] = cardOfListed(listed);
        this.places.set(listed.id, number * PAGE + place);
      });
      this.set({ status: 'ready', cards: /** @type {any} */ (cards), message: sentence(whyEmpty) });
    } catch (error) {
      if (mine !== this.nLoads) return;
      this.pages.delete(number);
      if (number === 0) this.set({ status: 'failed', message: messageOf(error) });
      else this.tools.say(messageOf(error));
    }
  }

  // ---- walking and marking ----------------------------------------------------------------------------------------

  /** @override */
  get place() {
    return this.places.get(this.state.current ?? '') ?? -1;
  }

  /** @override @param {Partial<import('../worklists/card_worklist.mjs').ListState>} changes */
  set(changes) {
    if ('current' in changes) this.goal = null;
    super.set(changes);
  }

  /** @override */
  clear() {
    this.nClears += 1;
    super.clear();
  }

  /** Where steps begin: a card that has not arrived is stepped over. */
  get #start() {
    return this.goal?.place ?? this.place;
  }

  /** @override @param {number} distance */
  walk(distance) {
    void this.goTo(this.#start < 0 ? 0 : this.#start + distance);
  }

  /** @param {number} place beyond an end, it is the end @param {boolean} isRange whether to mark all on the way there */
  async goTo(place, isRange = false) {
    const goal = { place: Math.max(0, Math.min(place, this.cards.length - 1)) };
    this.goal = goal;
    await this.need(goal.place, goal.place + 1);
    if (goal !== this.goal) return;
    this.goal = null;
    const card = this.cards[goal.place];
    if (card === undefined) return;
    if (isRange) await this.mark(card.id, true);
    else this.set({ current: card.id });
  }

  /** @override @param {string} id @param {boolean} through */
  async mark(id, through = false) {
    const [from, to] = [this.place, this.places.get(id) ?? -1].sort((a, b) => a - b);
    if (!through || from < 0) {
      const marked = new Set(this.state.marked);
      if (!marked.delete(id)) marked.add(id);
      this.set({ marked, current: id });
      return;
    }
    const goal = { place: this.places.get(id) ?? -1 };
    this.goal = goal;
    const cards = await this.#readToMark(from, to + 1);
    const isThere = goal === this.goal;
    if (isThere) this.goal = null;
    if (cards) this.set({ marked: new Set([...this.state.marked, ...cards.map((card) => card.id)]), ...(isThere ? { current: id } : {}) });
  }

  /** @override */
  async markAll() {
    const cards = await this.#readToMark(0, this.cards.length);
    if (cards) this.set({ marked: new Set(cards.map(({ id }) => id)) });
  }

  /** @param {number} first @param {number} last behind the last one @returns {Promise<ListedCard[] | null>} null if there is another list by then, or marks were taken away */
  async #readToMark(first, last) {
    const { nLoads, nClears } = this;
    const cards = await this.#read(first, last);
    return nLoads === this.nLoads && nClears === this.nClears ? cards : null;
  }

  /** @param {number} first @param {number} last behind the last one @returns {Promise<ListedCard[]>} at most as many as one verdict takes */
  async #read(first, last) {
    const end = Math.min(last, first + MOST_MARKED);
    if (end < last) this.tools.say(`One verdict is on ${MOST_MARKED.toLocaleString('en')} points at most; the first of them are marked.`);
    await this.need(first, end);
    return this.cards.slice(first, end).flatMap((card) => (card ? [card] : []));
  }

  /** @override @returns {ListedCard[]} */
  get targets() {
    const { marked, current } = this.state;
    const ids = marked.size > 0 ? [...marked] : [current ?? ''];
    const places = ids.map((id) => this.places.get(id) ?? -1).filter((place) => place >= 0).sort((a, b) => a - b);
    return places.flatMap((place) => this.cards[place] ?? []);
  }

  /** @override */
  look() {
    if (this.state.current !== null) this.tools.look(this.state.current);
  }

  /** @param {string | null} id of the point that the inspector shows; being told of it again moves nobody who walked on */
  looked(id) {
    if (id === this.lookedId) return;
    this.lookedId = id;
    if (id !== null && this.places.has(id) && id !== this.state.current) this.set({ current: id });
  }

  /** @override @param {string} key @param {boolean} isRange whether Shift is held, so that steps mark what they pass */
  key(key, isRange = false) {
    const { nColumns, nLines } = this;
    const place = this.#start;
    /** @type {Record<string, number>} */
    const places = {
      ArrowRight: place + 1, ArrowLeft: place - 1, ArrowDown: place + nColumns, ArrowUp: place - nColumns,
      PageDown: place + nColumns * nLines, PageUp: place - nColumns * nLines, Home: 0, End: this.cards.length - 1,
    };
    if (!(key in places)) return this.#act(key);
    if (this.cards.length > 0) void this.goTo(place < 0 ? 0 : places[key], isRange && place >= 0);
    return true;
  }

  /** @param {string} key about the current card, or the marked ones @returns {boolean} whether it meant something */
  #act(key) {
    if (this.goal === null || this.state.marked.size > 0 || !OF_CARD.includes(key)) return super.key(key);
    this.tools.say('This point has not arrived yet; press the key again when it is there.');
    return true;
  }
}
