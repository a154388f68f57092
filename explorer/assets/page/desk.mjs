/**
 * Where suspects are judged, by buttons and keys. Orders go out one at a time, and nobody waits for them: the next
 * suspect is selected at once, and an order that fails comes back to its point.
 *
 * Elements: `.suspect[data-point-id]` are the listed cards; `[data-verdict]` with `data-judged` (a point's id) and maybe
 * `data-class-name` gives a verdict; `[data-undo]` (a review's id) takes one back; `[data-turn]` shows another page.
 */

const KEYS = { a: 'accept', d: 'dismiss', s: 'skip' };
const TEXT_FIELDS = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]';

const cards = () => [...document.querySelectorAll('.suspect:not(.is-gone)')];
const verdictButton = (id, verdict) => (
  document.querySelector(`[data-verdict="${verdict}"][data-judged="${CSS.escape(id)}"]`)
);

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
    /** Ids of the reviews made here, last one last. */
    this.made = [];
    /** Which card is selected when the list has been written anew: its place, -1 for the last one, null for none. */
    this.awaited = null;
    this.pageNumber = 1;
    this.nPages = 1;
  }

  // ---- what hands do ----------------------------------------------------------------------------------------------

  /** @param {MouseEvent} event @returns {boolean} whether it was meant for the desk */
  click(event) {
    const button = event.target.closest('[data-verdict], [data-undo], [data-turn]');
    if (!button) return false;
    const { verdict, judged, className, undo, turn } = button.dataset;
    if (turn) this.#turn(Number(turn));
    else if (event.detail > 1) return true; // the second half of a double click hits what has moved there
    else if (undo) this.#undo(undo);
    else this.judge(verdict, judged, className ?? null);
    return true;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TEXT_FIELDS)) return;
    const actions = {
      j: () => this.#step(1), k: () => this.#step(-1), u: () => this.#undoLast(), c: () => this.#chooseClass(),
    };
    const action = KEYS[event.key] ? () => this.#press(KEYS[event.key]) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** A key is its button, on the point that is looked at; without one it only goes to the first suspect. */
  #press(verdict) {
    if (this.selectedId === null) {
      this.#step(1);
      return;
    }
    const button = verdictButton(this.selectedId, verdict);
    if (button) this.judge(verdict, this.selectedId, button.dataset.className ?? null);
  }

  #chooseClass() {
    if (this.selectedId !== null) document.getElementById('point-other-class')?.focus();
  }

  // ---- orders -----------------------------------------------------------------------------------------------------

  /**
   * @param {"accept" | "dismiss" | "skip"} verdict
   * @param {string} id of the point
   * @param {string | null} className the class that is accepted; the suggested one without
   */
  judge(verdict, id, className = null) {
    if (this.orders.some((order) => order.id === id)) return;
    const place = cards().findIndex((card) => card.dataset.pointId === id);
    if (document.activeElement?.dataset.judged === id) this.focused = verdict;
    if (verdict !== 'skip') this.gone.add(id);
    this.#order({ verdict, id, class_name: className });
    if (place >= 0) this.#moveOn(verdict === 'skip' ? place + 1 : place);
  }

  #undoLast() {
    if (this.made.length > 0) this.#undo(this.made.at(-1));
    else if (this.orders.length === 0) this.page.say('No verdict was given since this page was opened.');
  }

  #undo(review) {
    if (this.orders.some((order) => order.undo === review)) return;
    this.made = this.made.filter((made) => made !== review);
    this.#order({ undo: review });
  }

  #order(order) {
    this.orders.push(order);
    if (this.orders.length === 1) this.page.send(order);
    this.#markCards();
  }

  /** @param {{ok: boolean, id: string | null, review: string | null}} outcome store OUTCOME of `explorer/state.py` */
  done({ ok, id, review }) {
    const order = this.orders.shift();
    if (review) this.made.push(review);
    if (order?.undo) this.gone.delete(id);
    if (!ok) { // what was pressed since was pressed in the belief that it went well
      for (const { id: pointId } of [order ?? {}, ...this.orders]) this.gone.delete(pointId);
      this.orders = [];
    }
    if (id !== null && (!ok || order?.undo)) this.select(id);
    this.#markCards();
    if (this.orders.length > 0) this.page.send(this.orders[0]);
  }

  // ---- the list ---------------------------------------------------------------------------------------------------

  /** Looks at a point of a list. */
  select(id) {
    this.selectedId = id;
    this.page.select(id);
  }

  /** The list has been written anew. @param {number} pageNumber counted from 1 @param {number} nPages */
  listed(pageNumber, nPages) {
    Object.assign(this, { pageNumber, nPages });
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
