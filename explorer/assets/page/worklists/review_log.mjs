/** The log of verdicts, and how far the work has come. Knows no document. */

import { messageOf, Store } from './store.mjs';
import { WriteBack } from './write_back.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */

/**
 * @typedef {object} LoggedReview as the api has it
 * @property {string} id
 * @property {string} point_id
 * @property {import('../review_queue.mjs').Verdict} verdict
 * @property {string} who
 * @property {string} at
 * @property {string | null} class_name
 * @property {string | null} given_class
 * @property {string | null} entry equal for the reviews of one group
 * @property {boolean} stands
 * @property {string | null} run
 */

/** @typedef {LoggedReview & {pointIds: string[]}} LogEntry what was given at once, by its newest review */

const PAGE = 100;

/**
 * @param {LoggedReview[]} reviews newest first
 * @returns {LogEntry[]} reviews of one group are one entry, which stands if one of them does
 */
export function entriesOf(reviews) {
  /** @type {LogEntry[]} */
  const entries = [];
  for (const review of reviews) {
    const last = entries.at(-1);
    if (last && review.entry !== null && last.entry === review.entry) {
      last.pointIds.push(review.point_id);
      last.stands ||= review.stands;
    } else {
      entries.push({ ...review, pointIds: [review.point_id] });
    }
  }
  return entries;
}

/**
 * @param {LoggedReview[]} reviews
 * @returns {{run: string, count: number}[]} the runs that wrote some of them to their sources, newest first
 */
export function runsOf(reviews) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { run } of reviews) if (run) counts.set(run, (counts.get(run) ?? 0) + 1);
  return [...counts].map(([run, count]) => ({ run, count }));
}

/**
 * @typedef {object} LogState
 * @property {'idle' | 'loading' | 'ready' | 'failed'} status
 * @property {string} message
 * @property {LoggedReview[]} reviews
 * @property {boolean} hasMore
 * @property {number} nRanked labels that could be compared with their neighborhood
 * @property {string | null} current id of the entry that keys are about
 * @property {boolean} isExporting whether the dialog for it is open
 */

/** @extends {Store<LogState>} */
export class ReviewLog extends Store {
  /** Whether its view says what stands of each point. */
  showsReviews = true;

  /** @param {Tools} tools */
  constructor(tools) {
    super({ status: 'idle', message: '', reviews: [], hasMore: false, nRanked: 0, current: null, isExporting: false });
    this.tools = tools;
    this.nLoads = 0;
    /** How many are shown, if there are so many. */
    this.nWanted = PAGE;
    this.writeBack = new WriteBack(tools);
  }

  open() {
    if (this.state.status === 'idle') this.reload();
  }

  forget() {
    this.nLoads += 1;
    this.set({ status: 'idle' });
  }

  /** Its collection was closed; an answer that arrives later is dropped. */
  close() {
    this.nLoads += 1;
  }

  /** Keeps what is shown until the answer is there. */
  reload() {
    if (this.state.status !== 'ready') this.set({ status: 'loading' });
    return this.#load();
  }

  more() {
    this.nWanted = this.state.reviews.length + PAGE;
    return this.#load();
  }

  /** From the newest on, because a verdict that is given meanwhile moves all others on. */
  async #load() {
    this.nLoads += 1;
    const mine = this.nLoads;
    const { api } = this.tools;
    try {
      const { reviews, next_offset: next } = await api.get('/reviews/log', { offset: 0, limit: this.nWanted });
      if (mine !== this.nLoads) return;
      this.tools.judged.logged();
      this.set({ status: 'ready', message: '', hasMore: next !== null, reviews });
      const { n_ranked: nRanked } = await api.get('/suspects', { limit: 1 }); // computed anew after a verdict
      if (mine === this.nLoads) this.set({ nRanked });
    } catch (error) {
      if (mine === this.nLoads) this.set({ status: 'failed', message: messageOf(error) });
    }
  }

  /** @param {string} key of `KeyboardEvent` @returns {boolean} whether it meant something */
  key(key) {
    const entries = entriesOf(this.state.reviews);
    const place = entries.findIndex(({ id }) => id === this.state.current);
    const walk = (/** @type {number} */ distance) => {
      const next = entries[place < 0 ? 0 : Math.min(Math.max(place + distance, 0), entries.length - 1)];
      if (next) this.set({ current: next.id });
    };
    /** @type {Record<string, () => void>} */
    const actions = {
      j: () => walk(1), k: () => walk(-1), ArrowDown: () => walk(1), ArrowUp: () => walk(-1),
      Enter: () => { if (entries[place]) this.tools.look(entries[place].point_id); },
      u: () => { if (entries[place]?.stands) this.tools.undoReview(entries[place].id); else this.tools.undoLast(); },
      w: () => void this.writeBack.check(), e: () => this.set({ isExporting: true }),
    };
    if (!actions[key]) return false;
    actions[key]();
    return true;
  }
}
