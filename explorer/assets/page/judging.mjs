/** Verdicts as they are given and taken back on the page: the lists of the open collection show them at once. Knows no document. */

import { shortenName } from './worklists/names.mjs';

/** @typedef {import('./review_queue.mjs').Given} Given */

/**
 * @typedef {object} OpenLists
 * @property {{name: string, display_name: string} | null} collection that is open
 * @property {import('./worklists/judged.mjs').JudgedStore | null} judged its verdicts
 * @property {import('./worklists/suspect_worklist.mjs').SuspectWorklist | undefined} suspects
 * @property {any} active the list whose cards are in view
 */

export class Judging {
  /** @param {import('./review_queue.mjs').ReviewQueue} queue @param {OpenLists} lists @param {(text: string) => void} say */
  constructor(queue, lists, say) {
    this.queue = queue;
    this.lists = lists;
    this.say = say;
  }

  /** @param {import('./review_queue.mjs').Verdict} verdict @param {import('./review_queue.mjs').Judged} judged @param {string | null} className @param {{key?: string} | null} batch as in the queue */
  judge(verdict, judged, className, batch = null) {
    const given = this.queue.judge(verdict, judged, className, batch);
    const { suspects, active } = this.lists;
    this.lists.judged?.foresee();
    if (given === null) this.say('A verdict on this is being recorded.');
    else if (this.#isOpen(given)) suspects?.gave(given, active === suspects);
  }

  /** Takes back what was judged last in the open collection. */
  undoLast() {
    const { collection } = this.lists;
    if (collection === null) return;
    this.#tookBack(this.queue.undoLastBatch(collection.name));
    if (this.queue.ordersIn(collection.name).length > 0) return;
    this.say(`No verdict was given in ${shortenName(collection.display_name)} since this page was opened. The Reviewed tab has the earlier ones.`);
  }

  /** @param {string} review id of a review of this page or another @param {string} collection @param {boolean} isTogether with all that was given with it */
  undoReview(review, collection, isTogether = false) {
    const { queue } = this;
    this.#tookBack(isTogether ? queue.undoTogether(review, collection) : [queue.undoReview(review, collection)]);
    this.lists.judged?.takeBack(review);
  }

  /** @param {(Given | null)[]} undone */
  #tookBack(undone) {
    this.lists.judged?.foresee();
    for (const given of undone) if (given && this.#isOpen(given)) this.lists.suspects?.tookBack(given);
  }

  /** @param {Given} given @returns {boolean} whether the open lists may have its points; another collection may have others of the same ids */
  #isOpen(given) {
    return given.collection === this.lists.collection?.name;
  }
}
