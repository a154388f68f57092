/**
 * A list of cards that is loaded page by page, walked along, marked and judged. Knows no document.
 * Keys: j and k walk, Space marks, Enter looks, a d s judge, c asks for a class, u takes back.
 */

import { messageOf, Store } from './store.mjs';

/** @typedef {import('../review_queue.mjs').Verdict} Verdict */

/**
 * @typedef {object} Card what is listed: a point, or several that are judged together
 * @property {string} id unique in the list
 * @property {PointOfCard[]} points
 * @property {string | null} suggested the class that accepting gives; null if none is offered
 * @property {string} reason why it is listed
 * @property {string} [rank] its place in a ranking, such as "#3"
 * @property {number} [score] rank-based, 0 to 1
 */

/** @typedef {{id: string, class_name: string | null, dataset?: string | null, image_name?: string | null}} PointOfCard */
/** @typedef {{cards: Card[], isAll?: boolean, hasMore: boolean, whyEmpty?: string | null}} Page its cards are those behind the offset, or all from the first one on */

/**
 * @typedef {object} Tools what a worklist needs of the page
 * @property {import('./collection_api.mjs').CollectionApi} api
 * @property {import('../dock.mjs').OpenCollection} collection
 * @property {import('./judged.mjs').JudgedStore} judged
 * @property {import('../review_queue.mjs').ReviewQueue} queue what was judged here
 * @property {(verdict: Verdict, points: PointOfCard[], className: string | null, batch?: {key?: string} | null) => void} judge one verdict on all; those of a batch are taken back together
 * @property {() => void} undoLast
 * @property {(review: string) => void} undoReview
 * @property {(id: string) => void} look shows a point in the inspector
 * @property {(id: string) => boolean} isLookedAt whether the inspector shows it
 * @property {(readIds: () => Promise<string[] | null>, around?: (select: () => void) => void) => Promise<number | null>} selectOnMap gives how many of the points are on it; null if others were selected meanwhile, which stay
 * @property {() => Promise<string[]>} selectedIds ids of the points that are selected on the map
 * @property {(start: number, end: number) => Promise<{points: any[], total: number}>} selectedPoints some of them, and how many there are
 * @property {import('./cluster_grain.mjs').ClusterGrain} grain how finely points are divided into clusters
 * @property {import('./open_cell.mjs').OpenCell} openCell which cell of the confused classes is open
 * @property {(name: string) => void} colorBy key of `COLORINGS`, for the map
 * @property {(text: string) => void} say
 * @property {() => void} clearFilter takes all conditions of the page's filter away
 * @property {() => string} who the reviewer's name
 * @property {import('../supervisely/platform.mjs').Platform} platform whether there is work on a Supervisely server
 */

/**
 * @typedef {object} ListState
 * @property {'idle' | 'loading' | 'ready' | 'failed'} status
 * @property {string} message why it failed, or why nothing is listed
 * @property {Card[]} cards
 * @property {boolean} hasMore whether the next page has cards
 * @property {string | null} current id of the card that keys are about
 * @property {Set<string>} marked ids of cards
 * @property {number} nAsked how often the class field was asked for
 */

/** @type {ListState} */
const NOTHING = {
  status: 'idle', message: '', cards: [], hasMore: false, current: null, marked: new Set(), nAsked: 0,
};

/** @extends {Store<ListState>} */
export class CardWorklist extends Store {
  /** Whether its cards say what stands of each point. */
  showsReviews = true;

  /**
   * @param {Tools} tools
   * @param {(offset: number) => Promise<Page>} loadPage
   */
  constructor(tools, loadPage) {
    super(NOTHING);
    this.tools = tools;
    this.loadPage = loadPage;
    this.nLoads = 0;
  }

  // ---- loading ----------------------------------------------------------------------------------------------------

  /** Loads the first page unless it is there or on its way. */
  open() {
    if (this.state.status === 'idle') this.reload();
  }

  /** Forgets everything, because the points changed. */
  forget() {
    this.nLoads += 1;
    this.set(NOTHING);
  }

  /** Its collection was closed; an answer that arrives later is dropped. */
  close() {
    this.nLoads += 1;
  }

  reload() {
    this.set({ ...NOTHING, nAsked: this.state.nAsked, status: 'loading' });
    return this.#load(0);
  }

  more() {
    return this.#load(this.state.cards.length);
  }

  /** @param {number} offset */
  async #load(offset) {
    this.nLoads += 1;
    const mine = this.nLoads;
    try {
      const { cards, isAll = false, hasMore, whyEmpty } = await this.loadPage(offset);
      if (mine !== this.nLoads) return;
      const all = isAll ? cards : [...this.state.cards.slice(0, offset), ...cards];
      this.set({ status: 'ready', cards: all, hasMore, message: sentence(whyEmpty) });
    } catch (error) {
      if (mine === this.nLoads) this.set({ status: 'failed', message: messageOf(error) });
    }
  }

  // ---- walking and marking ----------------------------------------------------------------------------------------

  /** @returns {number} place of the current card, -1 without */
  get place() {
    return this.state.cards.findIndex(({ id }) => id === this.state.current);
  }

  /** @returns {Card | null} what comes next, null without one */
  get next() {
    return this.place < 0 ? null : this.state.cards[this.place + 1] ?? null;
  }

  /** @param {number} distance backwards if negative; the first step goes to the first card */
  walk(distance) {
    const { cards } = this.state;
    if (cards.length === 0) return;
    const place = this.place < 0 ? 0 : Math.min(Math.max(this.place + distance, 0), cards.length - 1);
    this.set({ current: cards[place].id });
  }

  /**
   * @param {string} id of a card, which becomes the current one
   * @param {boolean} through whether to mark all from the current one to it
   */
  mark(id, through = false) {
    const marked = new Set(this.state.marked);
    const ids = this.state.cards.map((card) => card.id);
    const [from, to] = [this.place, ids.indexOf(id)].sort((a, b) => a - b);
    if (through && from >= 0) for (const one of ids.slice(from, to + 1)) marked.add(one);
    else if (!marked.delete(id)) marked.add(id);
    this.set({ marked, current: id });
  }

  markAll() {
    this.set({ marked: new Set(this.state.cards.map(({ id }) => id)) });
  }

  clear() {
    this.set({ marked: new Set() });
  }

  /** @returns {Card[]} what a verdict is on: the marked cards, else the current one */
  get targets() {
    const { cards, marked, current } = this.state;
    return cards.filter(({ id }) => (marked.size > 0 ? marked.has(id) : id === current));
  }

  // ---- judging ----------------------------------------------------------------------------------------------------

  /**
   * Gives all targets a class, or each its suggested one. Points that have the class already are left alone.
   * @param {string | null} className
   */
  accept(className) {
    const { targets } = this;
    if (className === null && targets.some(({ suggested }) => suggested === null)) {
      this.askClass();
      return;
    }
    const wanted = wrongByClass(targets, className);
    if (targets.length > 0 && wanted.size === 0) this.tools.say(`Nothing to do: all have the class ${className} already.`);
    const batch = wanted.size > 1 ? {} : null;
    for (const [right, points] of wanted) this.tools.judge('accept', points, right, batch);
    this.moveOn(targets);
  }

  /** @param {'dismiss' | 'skip'} verdict their labels are right, or they are left for later */
  settle(verdict) {
    const { targets } = this;
    const labelled = targets.flatMap(({ points }) => points.filter((point) => verdict === 'skip' || point.class_name));
    if (targets.length > 0 && labelled.length === 0) {
      this.tools.say('There is no label to keep. Give a class, or leave it for later.');
      return;
    }
    if (labelled.length > 0) this.tools.judge(verdict, labelled, null);
    this.moveOn(targets);
  }

  /** Asks for the class in words. */
  askClass() {
    if (this.targets.length > 0) this.set({ nAsked: this.state.nAsked + 1 });
  }

  /** @param {Card[]} judged a single one hands over to the next; marks are gone */
  moveOn(judged) {
    const isSingle = this.state.marked.size === 0 && judged.length === 1;
    this.clear();
    if (isSingle) this.walk(1);
  }

  look() {
    const card = this.state.cards[this.place];
    if (card) this.tools.look(card.points[0].id);
  }

  /**
   * @param {string} key as in `KeyboardEvent`
   * @returns {boolean} whether it meant something
   */
  key(key) {
    const { current } = this.state;
    /** @type {Record<string, () => void>} */
    const actions = {
      j: () => this.walk(1), k: () => this.walk(-1), ArrowRight: () => this.walk(1), ArrowLeft: () => this.walk(-1),
      ' ': () => { if (current !== null) this.mark(current); },
      Enter: () => this.look(),
      a: () => this.accept(null), d: () => this.settle('dismiss'), s: () => this.settle('skip'),
      c: () => this.askClass(), u: () => this.tools.undoLast(),
    };
    if (actions[key]) actions[key]();
    else if (key === 'Escape' && this.state.marked.size > 0) this.clear();
    else return false;
    return true;
  }
}

/**
 * @param {Card[]} cards
 * @param {string | null} className the right class of all; the suggested one of each if null
 * @returns {Map<string, PointOfCard[]>} the points that have another class, by the right one
 */
function wrongByClass(cards, className) {
  /** @type {Map<string, PointOfCard[]>} */
  const wanted = new Map();
  for (const { points, suggested } of cards) {
    const right = className ?? suggested ?? '';
    const wrong = points.filter((point) => point.class_name !== right);
    if (wrong.length > 0) wanted.set(right, [...(wanted.get(right) ?? []), ...wrong]);
  }
  return wanted;
}

/** @param {string | null | undefined} text of the api @returns {string} the text as a sentence */
export function sentence(text) {
  return text ? `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}` : '';
}

/** @param {PointOfCard & {reason: string}} point @param {string | null} suggested @returns {Card} */
export function cardOfPoint(point, suggested = null) {
  return { id: point.id, points: [point], suggested, reason: point.reason };
}
