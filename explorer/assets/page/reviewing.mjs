/** Verdicts on their way to the api: the queue, who sends it, and what the page says about it. */

import { COMPONENT } from './component_ids.mjs';
import { byId } from './elements.mjs';
import { KEPT } from './kept.mjs';
import { Message } from './message.mjs';
import { StoredOrders } from './order_store.mjs';
import { ReviewBar } from './review_bar.mjs';
import { ReviewQueue } from './review_queue.mjs';
import { ReviewSender } from './review_sender.mjs';
import { noCollectionWords, outcomeWords } from './review_words.mjs';

/** @typedef {import('./review_queue.mjs').Order} Order */

/** @param {number} ms */
function pause(ms) {
  let end = () => {};
  /** @type {Promise<void>} */
  const passed = new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    end = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  return { passed, end };
}

/** `crypto.randomUUID` is there on encrypted and local pages only. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function reviewer() {
  const field = byId(COMPONENT.reviewer);
  const name = field instanceof HTMLInputElement ? field.value.trim() : '';
  return name || (byId(COMPONENT.reviewBar).dataset.reviewer ?? '');
}

/** @param {string} review id of what it takes back, with all that was given with it @param {string} collection */
function undoButton(review, collection) {
  const undo = document.createElement('button');
  Object.assign(undo, { className: 'quiet', title: 'Take it back (u)' });
  Object.assign(undo.dataset, { undo: review, collection, together: '' });
  const key = document.createElement('kbd');
  key.textContent = 'u';
  undo.append('Undo ', key);
  return undo;
}

export class Reviewing {
  /**
   * @param {object} page
   * @param {(seen: {collection: string, revision: string}, ids: (string | null)[]) => void} page.changed reviews changed, those of some points
   * @param {() => void} page.moved what became of an order may change the list
   * @param {(id: string) => void} page.show looks at a point
   */
  constructor({ changed, moved, show }) {
    this.changed = changed;
    this.moved = moved;
    this.message = new Message(byId(COMPONENT.verdictMessage));
    const bar = byId(COMPONENT.reviewBar);
    this.api = bar.dataset.api ?? '';
    this.sender = new ReviewSender({
      api: this.api, fetch: (...request) => fetch(...request), pause, onTrouble: (trouble) => this.bar.tell(trouble),
    });
    this.bar = new ReviewBar(bar, { retry: () => this.sender.hurry(), show });
    this.queue = new ReviewQueue({
      send: (order) => void this.#carryOut(order),
      store: new StoredOrders(KEPT, new URL(this.api, document.baseURI).pathname),
      newKey,
      who: reviewer,
      onChange: (nWaiting) => {
        this.bar.wait(nWaiting);
        this.bar.keepAside(new Set(this.queue.aside.map(({ collection }) => collection)));
      },
    });
    window.addEventListener('online', () => this.sender.hurry());
    window.addEventListener('beforeunload', (event) => {
      if (this.queue.orders.length > 0) event.preventDefault();
    });
  }

  /** Takes up the verdicts that a closed page left. */
  resume() {
    this.queue.resume();
  }

  /** @param {Order} order */
  async #carryOut(order) {
    const outcome = await this.sender.carryOut(order);
    if (outcome.lacksCollection) this.#putAside(order);
    else await this.#follow(order, outcome);
  }

  /** @param {Order} order that was answered @param {import('./review_queue.mjs').Outcome} outcome */
  async #follow(order, outcome) {
    this.queue.done(outcome);
    const isLast = this.queue.ordersIn(order.collection).length === 0 || outcome.refusal !== undefined;
    const seen = { collection: order.collection, revision: outcome.revision ?? '' };
    const ids = order.group ?? [order.id];
    if (isLast && seen.revision) this.changed(seen, ids); // the list is asked for before anything is drawn
    if (outcome.refusal === undefined) this.#sayDone(order, outcome);
    else this.bar.refuse(outcome.refusal, order.id);
    this.moved();
    if (!isLast || seen.revision) return;
    const revision = await this.#revisionOf(order.collection);
    if (revision) this.changed({ collection: order.collection, revision }, ids);
  }

  /** @param {Order} order whose collection the server lacks */
  #putAside({ collection }) {
    const nWaiting = this.queue.putAside(collection);
    this.bar.tellAside(collection, noCollectionWords(collection, nWaiting), () => this.queue.discard(collection));
    this.moved();
  }

  /** @param {string} collection @returns {Promise<string | null>} of its reviews; null without an answer */
  async #revisionOf(collection) {
    try {
      const response = await fetch(`${this.api}/collections/${encodeURIComponent(collection)}`);
      return response.ok ? (await response.json()).review_revision : null;
    } catch {
      return null; // the page looks from time to time
    }
  }

  /** @param {Order} order @param {import('./review_queue.mjs').Outcome} outcome */
  #sayDone({ collection, batch, undone }, outcome) {
    const review = outcome.made?.[0];
    const nGiven = batch ? this.queue.countTogether(batch) : 0;
    this.message.say(outcomeWords(outcome, { nGiven, nTakenBack: undone?.nTogether }), review ? undoButton(review.id, collection) : null);
  }

  /** @param {string} text over the map, for a while */
  say(text) {
    this.message.say(text);
  }
}
