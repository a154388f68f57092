/**
 * Where suspects are judged, by buttons and keys. Orders go out one at a time, and nobody waits for them: the next
 * suspect is selected at once, and an order that fails comes back to its point. What is taken back is shown at
 * once too: where the list was written without the card, a copy stands in for it until the list is written with it.
 *
 * Elements: `.suspect[data-point-id]` are the listed cards; `[data-verdict]` with `data-judged` (a point's id) and maybe
 * `data-class-name` and `data-group` (ids of all points that the verdict is on) gives a verdict; `[data-undo]` (a review's id) takes one back; `[data-turn]` shows another page.
 */

const KEYS = { a: 'accept', d: 'dismiss', s: 'skip' };
const TEXT_FIELDS = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]';

const cards = () => [...document.querySelectorAll('.suspect:not(.is-gone)')];
const cardSelector = (id) => `.suspect[data-point-id="${CSS.escape(id)}"]`;
/** The button of the listed card, which may stand for a group, before that of the point alone. */
const verdictButton = (id, verdict) => {
  const button = `[data-verdict="${verdict}"][data-judged="${CSS.escape(id)}"]`;
  return document.querySelector(`.suspect:not(.is-gone) ${button}`) ?? document.querySelector(button);
};

export class Desk {
  /**
   * @param {object} page
   * @param {(order: object) => void} page.send writes store ORDER of `explorer/state.py`
   * @param {(id: string) => void} page.select looks at a point of a list
   * @param {(page: number) => void} page.turnTo shows another page of suspects
   * @param {(text: string) => void} page.say
   */
  constructor(page) {
    this.page = page;
    /** Id of the point that is looked at. */
    this.selectedId = null;
    /** Orders that have not been answered; the first one is under way. */
    this.orders = [];
    /** Ids of points whose verdict takes them off the list, which shows them until it has been written anew. */
    this.gone = new Set();
    /**
     * Verdicts given here that may be taken back, last one last: `review` is null until the api has answered; `card` is
     * a copy of the card that was at `place` of the visible ones of `list`, to stand in for it.
     */
    this.verdicts = [];
    /** Which card is selected when the list has been written anew: its place, -1 for the last one, null for none. */
    this.awaited = null;
    this.pageNumber = 1;
    this.nPages = 1;
    /** Which list is shown: the choice and the page, as text. */
    this.list = '';
  }

  // ---- what hands do ----------------------------------------------------------------------------------------------

  /** @param {MouseEvent} event @returns {boolean} whether it was meant for the desk */
  click(event) {
    const button = event.target.closest('[data-verdict], [data-undo], [data-turn]');
    if (!button) return false;
    const { verdict, judged, undo, turn } = button.dataset;
    if (turn) this.#turn(Number(turn));
    else if (event.detail > 1) return true; // the second half of a double click hits what has moved there
    else if (undo) this.#undoReview(undo);
    else this.#press(verdict, judged, button);
    return true;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TEXT_FIELDS)) return;
    const actions = {
      j: () => this.#step(1), k: () => this.#step(-1), u: () => this.#undoLast(), c: () => this.#chooseClass(),
    };
    const action = KEYS[event.key] ? () => this.#pressKey(KEYS[event.key]) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** A key is its button, on the point that is looked at; without one it only goes to the first suspect. */
  #pressKey(verdict) {
    if (this.selectedId === null) {
      this.#step(1);
      return;
    }
    const button = verdictButton(this.selectedId, verdict);
    if (button) this.#press(verdict, this.selectedId, button);
  }

  /** The class that was chosen in place of the suggested one, for the whole group if the card stands for one. */
  choose(id, className) {
    this.judge('accept', id, className, verdictButton(id, 'accept')?.dataset.group?.split(' ') ?? null);
  }

  #press(verdict, id, { dataset }) {
    this.judge(verdict, id, dataset.className ?? null, dataset.group?.split(' ') ?? null);
  }

  #chooseClass() {
    if (this.selectedId !== null) document.getElementById('point-other-class')?.focus();
  }

  // ---- orders -----------------------------------------------------------------------------------------------------

  /**
   * @param {"accept" | "dismiss" | "skip"} verdict
   * @param {string} id of the point
   * @param {string | null} className the class that is accepted; the suggested one without
   * @param {string[] | null} group ids of all points that the verdict is on, if there are several
   */
  judge(verdict, id, className = null, group = null) {
    if (this.orders.findLast((order) => order.id === id)?.verdict) return;
    const listed = cards();
    const place = listed.findIndex((card) => card.dataset.pointId === id);
    if (document.activeElement?.dataset.judged === id) this.focused = verdict;
    const isOffList = verdict !== 'skip';
    const given = { id, review: null, isOffList, list: this.list, place, card: listed[place]?.cloneNode(true) };
    this.verdicts.push(given);
    if (isOffList) this.gone.add(id);
    this.#order({ verdict, id, class_name: className, group, given });
    if (place >= 0) this.#moveOn(isOffList ? place : place + 1);
  }

  #undoLast() {
    if (this.verdicts.length > 0) this.#undo(this.verdicts.at(-1));
    else if (this.orders.length === 0) this.page.say('No verdict was given since this page was opened.');
  }

  /** @param {string} review id of a review, of this page or another */
  #undoReview(review) {
    if (this.orders.some((order) => order.undone?.review === review)) return;
    this.#undo(this.verdicts.find((given) => given.review === review) ?? { id: null, review });
  }

  /** @param {object} undone a verdict given here; of one that was given elsewhere the review only */
  #undo(undone) {
    this.verdicts = this.verdicts.filter((given) => given !== undone);
    this.gone.delete(undone.id);
    this.#standIn(undone);
    this.#order({ id: undone.id, undone });
    if (undone.id === null) return;
    this.select(undone.id);
    this.#showSelected();
  }

  #order(order) {
    this.orders.push(order);
    if (this.orders.length === 1) this.#send();
    this.#markCards();
  }

  /** A verdict that is taken back has its review by now, because it was an earlier order. */
  #send() {
    const { id, verdict, class_name, group, undone } = this.orders[0];
    this.page.send(undone ? { undo: undone.review } : { verdict, id, class_name, group });
  }

  /** @param {{ok: boolean, id: string | null, review: string | null}} outcome store OUTCOME of `explorer/state.py` */
  done({ ok, id, review }) {
    const order = this.orders.shift();
    if (order?.given) order.given.review = review;
    const isElsewhere = order?.undone?.id === null;
    if (!ok) this.#giveUp(order ? [order, ...this.orders] : []);
    if (isElsewhere) this.gone.delete(id);
    if (id !== null && (!ok || isElsewhere)) this.select(id);
    this.#markCards();
    if (this.orders.length > 0) this.#send();
  }

  /** What was pressed after an order that failed was pressed in the belief that it went well. */
  #giveUp(orders) {
    this.orders = [];
    for (const { id, given, undone } of orders.reverse()) {
      if (given) {
        this.verdicts = this.verdicts.filter((verdict) => verdict !== given);
        this.gone.delete(id);
      } else if (undone.id !== null && undone.review !== null) { // the verdict stands
        this.verdicts.push(undone);
        if (undone.isOffList) this.gone.add(id);
      }
    }
  }

  // ---- the list ---------------------------------------------------------------------------------------------------

  /** Looks at a point of a list. */
  select(id) {
    this.selectedId = id;
    this.page.select(id);
  }

  /**
   * The list has been written anew.
   * @param {number} pageNumber counted from 1
   * @param {number} nPages
   * @param {object | null} choice which suspects are listed
   */
  listed(pageNumber, nPages, choice) {
    Object.assign(this, { pageNumber, nPages, list: JSON.stringify([choice, pageNumber]) });
    this.#dismissStandIns();
    for (const { undone } of this.orders) if (undone) this.#standIn(undone);
    const ids = new Set([...document.querySelectorAll('.suspect')].map(({ dataset }) => dataset.pointId));
    this.gone = new Set([...this.gone].filter((id) => ids.has(id)));
    this.#markCards();
    const listed = cards();
    if (this.awaited !== null && listed.length > 0) {
      const place = this.awaited < 0 ? listed.length - 1 : Math.min(this.awaited, listed.length - 1);
      this.awaited = null;
      this.select(listed[place].dataset.pointId);
    }
    for (const button of document.querySelectorAll('[data-turn]')) {
      const page = pageNumber + Number(button.dataset.turn);
      button.disabled = page < 1 || page > nPages;
    }
    this.#showSelected();
  }

  /** Shows the card of a verdict that is taken back where it was, if the list was written without it since. */
  #standIn({ id, list, place, card }) {
    if (!card || list !== this.list || document.querySelector(cardSelector(id))) return;
    card.classList.add('is-stand-in');
    const follower = cards()[place];
    if (follower) follower.before(card);
    else document.querySelector('.suspect-list').append(card);
  }

  /** Copies go when the list has the card itself, or when it was written after their order was carried out. */
  #dismissStandIns() {
    for (const copy of document.querySelectorAll('.suspect.is-stand-in')) {
      const id = copy.dataset.pointId;
      const isListed = document.querySelectorAll(cardSelector(id)).length > 1;
      const isAwaited = this.orders.some((order) => order.undone?.id === id && order.undone.list === this.list);
      if (isListed || !isAwaited) copy.remove();
    }
  }

  /** The list is a moment behind its verdicts. */
  #markCards() {
    const skipped = new Set(this.orders.filter(({ verdict }) => verdict === 'skip').map(({ id }) => id));
    for (const card of document.querySelectorAll('.suspect')) {
      card.classList.toggle('is-gone', this.gone.has(card.dataset.pointId));
      card.classList.toggle('is-skipped', skipped.has(card.dataset.pointId));
    }
  }

  /** @param {number} place in the list, of the suspect that comes next; behind the last one is the next page */
  #moveOn(place) {
    const listed = cards();
    if (listed[place]) this.select(listed[place].dataset.pointId);
    else if (this.gone.size === 0) this.#turn(1, 0);
    else this.awaited = place;
    this.#showSelected();
  }

  /** @param {1 | -1} direction */
  #step(direction) {
    const listed = cards();
    const place = listed.findIndex((card) => card.dataset.pointId === this.selectedId);
    const next = place < 0 ? listed[0] : listed[place + direction];
    if (next) this.select(next.dataset.pointId);
    else if (listed.length > 0) this.#turn(direction, direction > 0 ? 0 : -1);
    this.#showSelected();
  }

  /** @param {1 | -1} direction @param {number | null} awaited as the field of that name */
  #turn(direction, awaited = null) {
    const page = this.pageNumber + direction;
    if (page < 1 || page > this.nPages) return;
    this.awaited = awaited;
    this.page.turnTo(page);
  }

  #showSelected() {
    const card = cards().find(({ dataset }) => dataset.pointId === this.selectedId);
    card?.scrollIntoView({ block: 'nearest' });
    if (this.focused && card) {
      card.querySelector(`[data-verdict=${this.focused}]`)?.focus({ preventScroll: true });
      this.focused = null;
    }
  }
}
