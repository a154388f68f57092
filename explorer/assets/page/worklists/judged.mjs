/** The verdicts that stand, and those that are on their way. Knows no document. */

import { idsOf } from '../review_queue.mjs';
import { Store } from './store.mjs';

/** @typedef {import('../review_queue.mjs').Verdict} Verdict */
/**
 * @typedef {object} Judged
 * @property {Verdict} verdict
 * @property {string | null} className
 * @property {string | null} who null while it is on its way
 * @property {string | null} review its id, null while it is on its way
 */
/** @typedef {{id: string, point_id: string, verdict: Verdict, who: string, class_name: string | null}} Standing */

/**
 * @typedef {object} JudgedState
 * @property {Standing[]} standing the verdicts that the api knows
 * @property {Map<string, Judged>} ofPoint by id, with those that are on their way
 * @property {Set<string | null>} undoing ids of the reviews that are being taken back
 */

/** @typedef {import('../review_queue.mjs').Order} Order */

/** @extends {Store<JudgedState>} */
export class JudgedStore extends Store {
  /**
   * @param {() => Promise<Standing[]>} load the reviews that stand
   * @param {() => Order[]} orders on points of the collection that have not been answered
   */
  constructor(load, orders) {
    super({ standing: [], ofPoint: new Map(), undoing: new Set() });
    this.load = load;
    this.orders = orders;
    this.nLoads = 0;
    this.newest = Promise.resolve();
    /** @type {Set<string>} ids of reviews that were taken back here, until the log is read anew */
    this.takenBack = new Set();
  }

  /** Asks the api anew; an older answer that arrives later is dropped. @returns {Promise<void>} until the newest is there */
  refresh() {
    this.newest = this.#load();
    return this.newest;
  }

  async #load() {
    this.nLoads += 1;
    const mine = this.nLoads;
    const standing = await this.load();
    if (mine === this.nLoads) this.#follow(standing);
    else await this.newest;
  }

  /** Shows what was just given or taken back, before the api knows of it. */
  foresee() {
    this.#follow(this.state.standing);
  }

  /** @param {string} review id of a review that is taken back */
  takeBack(review) {
    this.takenBack.add(review);
    this.foresee();
  }

  /** The log was read anew, and says what stands. */
  logged() {
    this.takenBack = new Set();
    this.foresee();
  }

  /** @param {Standing[]} standing */
  #follow(standing) {
    const orders = this.orders();
    const undoing = new Set([...this.takenBack, ...undoneBy(orders)]);
    this.set({ standing, ofPoint: judgedOf(standing, orders), undoing });
  }
}

/** @param {Order[]} orders @returns {(string | null)[]} ids of the reviews that they take back */
function undoneBy(orders) {
  return orders.flatMap(({ undone }) => (undone ? [undone.review] : []));
}

/**
 * @param {Standing[]} standing newest first
 * @param {Order[]} orders in the order in which they are carried out
 * @returns {Map<string, Judged>} by the id of the point
 */
export function judgedOf(standing, orders) {
  /** @type {Map<string, Judged>} */
  const judged = new Map(standing.map(({ id: review, point_id: id, verdict, who, class_name: className }) => [
    id, { verdict, who, className, review },
  ]));
  for (const order of orders) {
    const { verdict, className = null, undone } = order;
    for (const one of idsOf(order)) {
      if (undone) judged.delete(one);
      else if (verdict) judged.set(one, { verdict, className, who: null, review: null });
    }
  }
  return judged;
}

/**
 * What a verdict on some points is about, as they are shown. The api refuses it if one of them has changed since.
 * @param {string} collection
 * @param {{id: string, class_name: string | null}[]} points one or more
 * @param {Map<string, Judged>} judged by the id of the point
 * @returns {import('../review_queue.mjs').Judged}
 */
export function judgedAs(collection, points, judged) {
  const ids = points.map(({ id }) => id);
  const seen = points.map(({ id, class_name: className }) => [id, { className, review: judged.get(id)?.review ?? null }]);
  return { collection, id: ids[0], group: ids.length > 1 ? ids : null, seen: Object.fromEntries(seen) };
}
