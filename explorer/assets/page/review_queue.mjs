/**
 * The verdicts that were given and what becomes of them. Orders are carried out one at a time, in the order in which
 * they were given, and nobody waits for them: what they do to the list is known at once. An order leaves the queue, and
 * the store that outlives the page, only with an answer. Ids may be the same in several collections: what is hidden or
 * taken back is of the open one alone. Knows no document.
 */

/** @typedef {"accept" | "dismiss" | "skip"} Verdict */

/**
 * @typedef {object} Seen a point as it was shown
 * @property {string | null} className
 * @property {string | null} review id of the review that stood
 */

/**
 * @typedef {object} Judged what a verdict is on
 * @property {string} collection
 * @property {string} id of the point, the first of several
 * @property {string[] | null} [group] ids of all points that the verdict is on, if there are several
 * @property {Record<string, Seen>} [seen] by id; the verdict is refused if one of these points is not so any more
 */

/**
 * @typedef {object} Given a verdict that may be taken back
 * @property {string | null} key of its order; null if the verdict was given elsewhere
 * @property {string | null} id of the point, the first of several; null if the verdict was given elsewhere
 * @property {string[]} ids of all points that it is on
 * @property {string} collection
 * @property {string | null} review its id, null until it is recorded
 * @property {boolean} isOffList whether it takes its point off the list
 * @property {string | null} [batch] the same for verdicts that are taken back together
 * @property {number} [nTogether] objects of all verdicts that are taken back with it, if there are several
 * @property {Record<string, string | null>} [replaced] reviews that stand again without it, by the ids of its points; known once it is recorded
 */

/**
 * @typedef {object} Order a verdict to be recorded, or one to be taken back (`undone`)
 * @property {string} key the same in every attempt, so that it is carried out once
 * @property {string} who
 * @property {string} collection
 * @property {string | null} id of the point
 * @property {Verdict} [verdict]
 * @property {string | null} [className] the class that is accepted; the suggested one without
 * @property {string[] | null} [group]
 * @property {Record<string, Seen>} [seen]
 * @property {Given} [undone]
 * @property {string | null} [batch] the same for verdicts that are taken back together
 */

/**
 * @typedef {object} Review as the api has it
 * @property {string} id
 * @property {string} point_id
 * @property {Verdict} verdict
 * @property {string | null} class_name
 * @property {string | null} given_class
 * @property {string | null} entry
 */

/**
 * @typedef {object} Outcome what became of an order; a refusal has its reason in words
 * @property {Review[]} [made]
 * @property {{undone: Review, standing: Review | null}} [takenBack]
 * @property {string} [refusal]
 * @property {boolean} [lacksCollection] whether the server has no such collection; another one of the same address may
 * @property {string | null} [revision] of the collection's reviews after it
 */

/** @typedef {{load: () => Order[], save: (order: Order) => void, remove: (key: string) => void}} OrderStore */

export class ReviewQueue {
  /**
   * @param {object} outside
   * @param {(order: Order) => void} outside.send carries out an order; `done` is to be called with what became of it
   * @param {OrderStore} outside.store outlives the page
   * @param {() => string} outside.newKey
   * @param {() => string} outside.who in whose name verdicts are
   * @param {(nWaiting: number) => void} outside.onChange told of the number of orders whenever it changes
   */
  constructor({ send, store, newKey, who, onChange }) {
    this.send = send;
    this.store = store;
    this.newKey = newKey;
    this.who = who;
    this.onChange = onChange;
    /** @type {Order[]} orders that have not been answered; the first one is under way */
    this.orders = [];
    /** @type {Order[]} of collections that the server lacks; they wait in the store */
    this.aside = [];
    /** @type {string | null} name of the open collection */
    this.collection = null;
    /** @type {Set<string>} points of it whose verdict takes them off the list, which shows them a moment longer */
    this.gone = new Set();
    /** @type {Given[]} verdicts given here that may be taken back, the last one last */
    this.verdicts = [];
  }

  /** Takes up what a page left that was closed, or whose server was away. */
  resume() {
    const found = this.store.load();
    for (const order of found) {
      if (order.verdict) this.#remember(order);
      else this.verdicts = this.verdicts.filter(({ key }) => key !== order.undone?.key);
      this.#foresee(order);
    }
    this.#lineUp(found);
  }

  /** @param {string | null} collection that is open by now: its lists are loaded anew, and its orders have a server */
  open(collection) {
    this.collection = collection;
    const found = this.aside.filter((order) => order.collection === collection);
    this.aside = this.aside.filter((order) => order.collection !== collection);
    if (found.length > 0) this.#lineUp(found);
    this.gone = new Set();
    for (const order of this.ordersIn(collection)) this.#foresee(order);
  }

  /** @param {string | null} collection @returns {Order[]} orders on its points that have not been answered */
  ordersIn(collection) {
    return this.orders.filter((order) => order.collection === collection);
  }

  /**
   * @param {Verdict} verdict
   * @param {Judged} judged
   * @param {string | null} className the class that is accepted; the suggested one without
   * @param {{key?: string} | null} batch the same object for verdicts that are taken back together
   * @returns {Given | null} null if a verdict on the very same points is under way, and is the last one on any of them
   */
  judge(verdict, { collection, id, seen = {}, group = null }, className = null, batch = null) {
    if (this.#isJudging(collection, new Set(group ?? [id]))) return null;
    /** @type {Order} */
    const order = { key: this.newKey(), who: this.who(), collection, id, verdict, className, group, seen };
    if (batch !== null) {
      batch.key ??= order.key;
      order.batch = batch.key;
    }
    const given = this.#remember(order);
    this.#foresee(order);
    this.#add(order);
    return given;
  }

  /** @param {string} collection @param {Set<string>} ids @returns {boolean} whether a verdict on all of them, and on no other, is the last order on any */
  #isJudging(collection, ids) {
    const last = this.ordersIn(collection).findLast((order) => idsOf(order).some((one) => ids.has(one)));
    return last?.verdict !== undefined && areSame(ids, new Set(idsOf(last)));
  }

  /** @param {Order} order of a verdict */
  #remember(order) {
    const { key, id, collection, verdict, batch = null } = order;
    /** @type {Given} */
    const given = {
      key, id, ids: idsOf(order), collection, review: null, isOffList: isOffList(verdict), ...(batch === null ? {} : { batch }),
    };
    this.verdicts.push(given);
    return given;
  }

  /** The list shows its points or not, as their last order says. @param {Order} order */
  #foresee(order) {
    if (order.collection !== this.collection) return;
    for (const id of idsOf(order)) {
      if (isOffList(order.verdict)) this.gone.add(id);
      else this.gone.delete(id);
    }
  }

  /**
   * @param {string} collection
   * @returns {Given[]} the verdicts that are taken back: the last one in it, and all that were given together with that
   */
  undoLastBatch(collection) {
    const last = this.verdicts.findLast((given) => given.collection === collection);
    return last ? this.#undoWith(last) : [];
  }

  /**
   * @param {string} review id of a review, of this page or another
   * @param {string} collection
   * @returns {Given | null} the verdict that is taken back; null if that is under way
   */
  undoReview(review, collection) {
    if (this.orders.some((order) => order.undone?.review === review)) return null;
    const elsewhere = { key: null, id: null, ids: [], collection, review, isOffList: false };
    return this.#undo(this.verdicts.find((given) => given.review === review) ?? elsewhere);
  }

  /**
   * @param {string} review id of a review
   * @param {string} collection
   * @returns {Given[]} the verdicts that are taken back: that one, and all that were given together with it
   */
  undoTogether(review, collection) {
    const here = this.verdicts.find((given) => given.review === review);
    if (here) return this.#undoWith(here);
    return [this.undoReview(review, collection)].flatMap((given) => given ?? []);
  }

  /** @param {Given} given @returns {Given[]} it and all that were given together with it, the last one first */
  #undoWith(given) {
    const { batch } = given;
    if (!batch) return [this.#undo(given)];
    const together = this.verdicts.filter((one) => one.batch === batch);
    const nTogether = this.countTogether(batch);
    return together.reverse().map((one) => this.#undo(together.length === 1 ? one : Object.assign(one, { nTogether })));
  }

  /** @param {string} batch @returns {number} objects that were judged with it, as far as the verdicts stand */
  countTogether(batch) {
    return this.verdicts.reduce((sum, given) => sum + (given.batch === batch ? given.ids.length : 0), 0);
  }

  /** @param {Given} undone */
  #undo(undone) {
    this.verdicts = this.verdicts.filter((given) => given !== undone);
    const order = { key: this.newKey(), who: this.who(), collection: undone.collection, id: undone.id, undone };
    this.#foresee(order);
    this.#add(order);
    return undone;
  }

  /** @param {Order} order */
  #add(order) {
    this.store.save(order);
    this.#lineUp([order]);
  }

  /** @param {Order[]} orders */
  #lineUp(orders) {
    const isIdle = this.orders.length === 0;
    this.orders.push(...orders);
    if (isIdle) this.#sendFirst();
    else this.onChange(this.orders.length);
  }

  /**
   * Takes note of what became of the first order, and sends the next one.
   * @param {Outcome} outcome
   */
  done(outcome) {
    const order = this.orders.shift();
    if (!order) return;
    if (outcome.refusal !== undefined) this.#giveUp(order);
    else this.#carriedOut(order, outcome);
    this.store.remove(order.key);
    this.#sendFirst();
  }

  /**
   * The server lacks a collection, so that its orders are for another one. They wait in the store, for a page that has it.
   * @param {string} collection of the first order
   * @returns {number} how many orders wait by now
   */
  putAside(collection) {
    this.aside.push(...this.ordersIn(collection));
    this.orders = this.orders.filter((order) => order.collection !== collection);
    this.#sendFirst();
    return this.aside.filter((order) => order.collection === collection).length;
  }

  /** @param {string} collection whose orders were set aside, and are wanted no more */
  discard(collection) {
    const found = this.aside.filter((order) => order.collection === collection);
    this.aside = this.aside.filter((order) => order.collection !== collection);
    const keys = new Set(found.map(({ key }) => key));
    for (const key of keys) this.store.remove(key);
    this.verdicts = this.verdicts.filter(({ key }) => key === null || !keys.has(key));
  }

  #sendFirst() {
    this.onChange(this.orders.length);
    if (this.orders.length > 0) this.send(this.orders[0]);
  }

  /** @param {Order} order @param {Outcome} outcome */
  #carriedOut(order, { made = [], takenBack }) {
    if (!takenBack) return this.#recorded(order, made);
    this.#showAgain(order.collection, [takenBack.undone.point_id]);
    this.#tellLater(order.collection, standingAfter(order, takenBack));
  }

  /** @param {Order} order of a verdict @param {Review[]} made */
  #recorded(order, made) {
    const reviews = made.map((one) => /** @type {const} */ ([one.point_id, one.id]));
    const review = reviews.find(([id]) => id === order.id)?.[1] ?? null;
    const replaced = Object.fromEntries(Object.entries(order.seen ?? {}).map(([id, seen]) => [id, seen.review]));
    for (const given of this.verdicts) if (given.key === order.key) Object.assign(given, { review, replaced });
    for (const later of this.orders) {
      if (!later.undone || later.undone.key !== order.key) continue;
      Object.assign(later.undone, { review, replaced });
      this.store.save(later);
    }
    this.#tellLater(order.collection, reviews);
  }

  /**
   * Who judges a point again has seen what the page itself did to it meanwhile.
   * @param {string} collection
   * @param {(readonly [string, string | null])[]} standing reviews that an order left there, by the ids of their points
   */
  #tellLater(collection, standing) {
    const later = this.ordersIn(collection);
    for (const [id, review] of standing) {
      const next = later.find(({ verdict, seen }) => verdict && seen && id in seen);
      if (!next?.seen) continue;
      next.seen[id] = { ...next.seen[id], review };
      this.store.save(next);
    }
  }

  /**
   * A verdict that was refused never was, nor was it taken back. If an undo was refused, the verdict stands, or somebody
   * took it back before: the list that is asked for anew tells, and the next undo is of the verdict before. Verdicts on
   * other points have nothing to do with it.
   * @param {Order} refused
   */
  #giveUp(refused) {
    const { key, undone, collection } = refused;
    if (undone) return;
    this.verdicts = this.verdicts.filter((given) => given.key !== key);
    for (const order of this.orders) if (order.undone?.key === key) this.store.remove(order.key);
    this.orders = this.orders.filter((order) => order.undone?.key !== key);
    this.#showAgain(collection, idsOf(refused));
  }

  /** The list shows points again, unless a later order takes them off. @param {string} collection @param {string[]} ids */
  #showAgain(collection, ids) {
    const leaving = this.#leaving;
    if (collection === this.collection) for (const id of ids) if (!leaving.has(id)) this.gone.delete(id);
  }

  /** @param {string[]} ids of the points that the list has, now that it was written anew */
  listed(ids) {
    const known = new Set(ids);
    const leaving = this.#leaving;
    this.gone = new Set([...this.gone].filter((id) => known.has(id) || leaving.has(id)));
  }

  /** Points of the open collection that an order takes off the list. */
  get #leaving() {
    return new Set(this.ordersIn(this.collection).flatMap((order) => (isOffList(order.verdict) ? idsOf(order) : [])));
  }

  /** @returns {Set<string>} points of the open collection that are about to be skipped */
  get skipped() {
    return new Set(this.ordersIn(this.collection).flatMap((order) => (order.verdict === 'skip' ? idsOf(order) : [])));
  }

  /** @returns {Given[]} the verdicts that are about to be taken back */
  get undone() {
    return this.orders.flatMap(({ undone }) => (undone ? [undone] : []));
  }
}

/**
 * @param {Order} order of an undo
 * @param {{undone: Review, standing: Review | null}} takenBack
 * @returns {[string, string | null][]} reviews that stand by now, by the ids of their points
 */
function standingAfter(order, { undone, standing }) {
  const { ids = [], replaced = {} } = order.undone ?? {};
  return [...ids.map((id) => /** @type {[string, string | null]} */ ([id, replaced[id] ?? null])), [undone.point_id, standing?.id ?? null]];
}

/** @param {Pick<Order, 'id' | 'group' | 'undone'>} order @returns {string[]} ids of the points that it is on */
export function idsOf({ id, group, undone }) {
  return undone?.ids ?? group ?? (id === null ? [] : [id]);
}

/** @param {Set<string>} some @param {Set<string>} others @returns {boolean} */
function areSame(some, others) {
  return some.size === others.size && [...some].every((one) => others.has(one));
}

/** @param {Verdict | undefined} verdict @returns {boolean} whether it takes its points off the list */
function isOffList(verdict) {
  return verdict === 'accept' || verdict === 'dismiss';
}
