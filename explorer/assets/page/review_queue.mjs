/**
 * The verdicts that were given and what becomes of them. Orders are carried out one at a time, in the order in which
 * they were given, and nobody waits for them: what they do to the list is known at once. Knows no document.
 */

/** @typedef {"accept" | "dismiss" | "skip"} Verdict */

/**
 * @typedef {object} Given a verdict that was given here and may be taken back
 * @property {string | null} id of the point; null if the verdict was given elsewhere
 * @property {string | null} review its id, null until it is recorded
 * @property {boolean} isOffList whether it takes its point off the list
 */

/**
 * @typedef {object} Order a verdict to be recorded (`given`) or taken back (`undone`)
 * @property {string | null} id of the point
 * @property {Verdict} [verdict]
 * @property {string | null} [className] the class that is accepted; the suggested one without
 * @property {string[] | null} [group] ids of all points that the verdict is on, if there are several
 * @property {Given} [given]
 * @property {Given} [undone]
 */

/** @typedef {{ok: boolean, id: string | null, review: string | null}} Outcome what became of an order */

export class ReviewQueue {
  /** @param {(order: Order) => void} send carries out an order; `done` is to be called with what became of it */
  constructor(send) {
    this.send = send;
    /** @type {Order[]} orders that have not been answered; the first one is under way */
    this.orders = [];
    /** @type {Set<string | null>} points whose verdict takes them off the list, which shows them a moment longer */
    this.gone = new Set();
    /** @type {Given[]} verdicts given here that may be taken back, the last one last */
    this.verdicts = [];
  }

  /**
   * @param {Verdict} verdict
   * @param {string} id of the point
   * @param {string | null} className the class that is accepted; the suggested one without
   * @param {string[] | null} group ids of all points that the verdict is on, if there are several
   * @returns {Given | null} null if a verdict on the point is under way
   */
  judge(verdict, id, className = null, group = null) {
    if (this.orders.findLast((order) => order.id === id)?.verdict) return null;
    /** @type {Given} */
    const given = { id, review: null, isOffList: verdict !== 'skip' };
    this.verdicts.push(given);
    if (given.isOffList) this.gone.add(id);
    this.#add({ verdict, id, className, group, given });
    return given;
  }

  /** @returns {Given | null} the verdict that is taken back; null if none was given here */
  undoLast() {
    const last = this.verdicts.at(-1);
    return last ? this.#undo(last) : null;
  }

  /**
   * @param {string} review id of a review, of this page or another
   * @returns {Given | null} the verdict that is taken back; null if that is under way
   */
  undoReview(review) {
    if (this.orders.some((order) => order.undone?.review === review)) return null;
    const elsewhere = { id: null, review, isOffList: false };
    return this.#undo(this.verdicts.find((given) => given.review === review) ?? elsewhere);
  }

  /** @param {Given} undone */
  #undo(undone) {
    this.verdicts = this.verdicts.filter((given) => given !== undone);
    this.gone.delete(undone.id);
    this.#add({ id: undone.id, undone });
    return undone;
  }

  /** @param {Order} order */
  #add(order) {
    this.orders.push(order);
    if (this.orders.length === 1) this.send(order);
  }

  /**
   * Takes note of what became of the first order, and sends the next one.
   * @param {Outcome} outcome
   * @returns {string | null} the point that the person did not expect to hear of
   */
  done({ ok, id, review }) {
    const order = this.orders.shift();
    if (!order) return null;
    if (order.given) order.given.review = review;
    const isElsewhere = order.undone?.id === null;
    if (!ok) this.#giveUp([order, ...this.orders]);
    if (isElsewhere) this.gone.delete(id);
    if (this.orders.length > 0) this.send(this.orders[0]);
    return !ok || isElsewhere ? id : null;
  }

  /**
   * What was pressed after an order that failed was pressed in the belief that it went well.
   * @param {Order[]} orders
   */
  #giveUp(orders) {
    this.orders = [];
    for (const { id, given, undone } of orders.reverse()) {
      if (given) {
        this.verdicts = this.verdicts.filter((verdict) => verdict !== given);
        this.gone.delete(id);
      } else if (undone && undone.id !== null && undone.review !== null) { // the verdict stands
        this.verdicts.push(undone);
        if (undone.isOffList) this.gone.add(id);
      }
    }
  }

  /** @param {string[]} ids of the points that the list has, now that it was written anew */
  listed(ids) {
    const known = new Set(ids);
    this.gone = new Set([...this.gone].filter((id) => id !== null && known.has(id)));
  }

  /** @returns {Set<string | null>} points that are about to be skipped */
  get skipped() {
    return new Set(this.orders.filter(({ verdict }) => verdict === 'skip').map(({ id }) => id));
  }

  /** @returns {Given[]} the verdicts that are about to be taken back */
  get undone() {
    return this.orders.flatMap(({ undone }) => (undone ? [undone] : []));
  }
}
