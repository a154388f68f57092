/**
 * The list of suspects: cards that are walked along and judged, by buttons and keys. It moves on before a verdict is
 * recorded. What is taken back is shown at once too: where the list was written without the card, a copy stands in
 * for it until the list is written with it.
 *
 * Elements: `.suspect[data-point-id]` are the listed cards; `[data-verdict]` gives a verdict and `[data-undo]` (a
 * review's id) takes one back, with `data-judged` (a point's id), `data-collection` and maybe `data-given-class`,
 * `data-class-name` (what accept gives) and `data-group` (ids of all points that the verdict is on); `[data-turn]` shows
 * another page.
 *
 * Keys belong to the list in view. `j` and `k` walk along it wherever the focus is; verdicts are given by key only while
 * the list or the point beside it has the focus, so that nobody judges what they do not look at.
 */

import { COMPONENT } from './component_ids.mjs';
import { all, byId, closest, within } from './elements.mjs';

/** @typedef {import('./review_queue.mjs').Given} Given */
/** @typedef {import('./review_queue.mjs').Verdict} Verdict */
/** @typedef {import('./review_queue.mjs').Judged} Judged */
/** @typedef {{list: string, place: number, card: HTMLElement}} Copy of the card at `place` of the visible ones of `list` */

/** @type {Record<string, Verdict>} */
const KEYS = { a: 'accept', d: 'dismiss', s: 'skip' };
/** @typedef {"list" | "point" | "notes"} Zone where a key may give a verdict */

/**
 * The list, the point beside it, and what is said about verdicts.
 * @type {Record<Zone, string>}
 */
const ZONES = { list: '.suspects', point: '.point', notes: '.verdict-message, .review-bar' };
const TEXT_FIELDS = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]';

const cards = () => all(document, '.suspect:not(.is-gone)');
const cardSelector = (/** @type {string} */ id) => `.suspect[data-point-id="${CSS.escape(id)}"]`;
const idOf = (/** @type {HTMLElement} */ card) => card.dataset.pointId ?? '';
/**
 * The button of the listed card, which may stand for a group, before that of the point alone.
 * @param {string} id
 * @param {string} verdict
 */
const verdictButton = (id, verdict) => {
  const button = `[data-verdict="${verdict}"][data-judged="${CSS.escape(id)}"]`;
  return all(document, `.suspect:not(.is-gone) ${button}`)[0] ?? all(document, button)[0];
};

export class SuspectList {
  /**
   * @param {import('./review_queue.mjs').ReviewQueue} queue takes the verdicts
   * @param {object} page
   * @param {(id: string) => void} page.select looks at a point of a list
   * @param {(page: number) => void} page.turnTo shows another page of suspects
   * @param {(text: string) => void} page.say
   * @param {() => boolean} page.isCovered whether something else is in view where the list is
   * @param {(direction: 1 | -1) => void} page.stepElsewhere walks along that
   */
  constructor(queue, page) {
    this.queue = queue;
    this.page = page;
    /** @type {string | null} id of the point that is looked at */
    this.selectedId = null;
    /** @type {WeakMap<Given, Copy>} what stands in for the card of a verdict that is taken back */
    this.copies = new WeakMap();
    /** @type {number | null} place of the card that is selected when the list has been written anew, -1 for the last */
    this.awaited = null;
    /** @type {Verdict | null} whose button has the keyboard's focus, on the next card too */
    this.focused = null;
    /**
     * Where somebody last pressed or came with the focus. The focus itself goes when a list is rewritten.
     * @type {Zone | null}
     */
    this.zone = null;
    this.pageNumber = 1;
    this.nPages = 1;
    /** Which list is shown: the choice and the page, as text. */
    this.list = '';
  }

  // ---- what hands do ----------------------------------------------------------------------------------------------

  /** @param {MouseEvent} event @returns {boolean} whether it was meant for the list */
  click(event) {
    const button = closest(event.target, '[data-verdict], [data-undo], [data-turn]');
    if (!button) return false;
    const { verdict, judged, undo, turn } = button.dataset;
    if (turn) this.#turn(Number(turn));
    else if (event.detail > 1) return true; // the second half of a double click hits what has moved there
    else if (undo) this.#showUndone(this.queue.undoReview(undo, button.dataset.collection ?? ''));
    else if (verdict && judged) this.#judge(/** @type {Verdict} */ (verdict), judgedBy(button), button.dataset.className);
    return true;
  }

  /** @param {EventTarget | null} target of a press or a focus */
  enter(target) {
    const zones = /** @type {Zone[]} */ (Object.keys(ZONES));
    this.zone = zones.find((zone) => closest(target, ZONES[zone])) ?? null;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (closest(event.target, TEXT_FIELDS)) {
      if (event.key === 'Escape' && closest(event.target, `#${COMPONENT.otherClass}`)) this.#enterList();
      return;
    }
    const action = this.#actionOf(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** @param {string} key @returns {(() => void) | null} null for a key of somebody else */
  #actionOf(key) {
    if (key === 'j' || key === 'k') return () => this.#walk(key === 'j' ? 1 : -1);
    /** @type {Record<string, () => void>} */
    const others = { u: () => this.#undoLast(), c: () => this.#chooseClass() };
    const act = KEYS[key] ? () => this.#pressKey(KEYS[key]) : others[key];
    return act ? () => { if (this.#mayJudge()) act(); } : null;
  }

  /** @returns {boolean} whether verdict keys mean something here; if not, it is said where they do */
  #mayJudge() {
    if (this.zone === 'point' || (this.zone !== null && !this.page.isCovered())) return true;
    const way = this.page.isCovered() ? 'Escape shows the suspects again' : 'j goes to the suspects';
    this.page.say(`Verdict keys work in the list of suspects and beside the point. ${way}.`);
    return false;
  }

  /** @param {1 | -1} direction */
  #walk(direction) {
    if (this.page.isCovered()) this.page.stepElsewhere(direction);
    else this.#step(direction);
  }

  /**
   * A key is its button, on the point that is looked at; without one it only goes to the first suspect.
   * @param {Verdict} verdict
   */
  #pressKey(verdict) {
    if (this.selectedId === null) {
      this.#step(1);
      return;
    }
    const button = verdictButton(this.selectedId, verdict);
    if (button) this.#judge(verdict, judgedBy(button), button.dataset.className);
    else this.page.say('This point is not shown yet, or it has a verdict; press the key again to judge it.');
  }

  /**
   * The class that was chosen in place of the suggested one, for the whole group if the card stands for one.
   * @param {string} id
   * @param {string} className
   */
  choose(id, className) {
    const judged = `[data-judged="${CSS.escape(id)}"]`;
    const button = verdictButton(id, 'accept') ?? all(byId(COMPONENT.pointVerdict), judged)[0];
    if (button) this.#judge('accept', judgedBy(button), className);
    else this.page.say('This point is not shown yet; choose its class again.');
    this.#enterList();
  }

  #chooseClass() {
    if (this.selectedId !== null) byId(COMPONENT.otherClass).focus();
  }

  // ---- verdicts ---------------------------------------------------------------------------------------------------

  /**
   * @param {Verdict} verdict
   * @param {Judged} judged
   * @param {string | null} className the class that is accepted; the suggested one without
   */
  #judge(verdict, judged, className = null) {
    const { id } = judged;
    const listed = cards();
    const place = listed.findIndex((card) => idOf(card) === id);
    const given = this.queue.judge(verdict, judged, className);
    if (!given) return;
    if (closest(document.activeElement, '[data-judged]')?.dataset.judged === id) this.focused = verdict;
    if (place >= 0) this.copies.set(given, { list: this.list, place, card: copyOf(listed[place]) });
    this.markCards();
    if (place >= 0 && !this.page.isCovered()) this.#moveOn(given.isOffList ? place : place + 1);
  }

  #undoLast() {
    const undone = this.queue.undoLast();
    if (undone) this.#showUndone(undone);
    else if (this.queue.orders.length === 0) this.page.say('No verdict was given since this page was opened.');
  }

  /** @param {Given | null} undone */
  #showUndone(undone) {
    if (!undone) return;
    this.#standIn(undone);
    this.markCards();
    if (undone.id === null) return;
    this.select(undone.id);
    this.#showSelected();
  }

  // ---- the list ---------------------------------------------------------------------------------------------------

  /** @param {string} id of a point of a list, which is looked at */
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
    for (const undone of this.queue.undone) this.#standIn(undone);
    this.queue.listed(all(document, '.suspect').map(idOf));
    this.markCards();
    const listed = cards();
    if (this.awaited !== null && listed.length > 0) {
      const place = this.awaited < 0 ? listed.length - 1 : Math.min(this.awaited, listed.length - 1);
      this.awaited = null;
      this.select(idOf(listed[place]));
    }
    for (const button of all(document, '[data-turn]')) {
      const page = pageNumber + Number(button.dataset.turn);
      button.toggleAttribute('disabled', page < 1 || page > nPages);
    }
    this.#showSelected();
  }

  /**
   * Shows the card of a verdict that is taken back where it was, if the list was written without it since.
   * @param {Given} undone
   */
  #standIn(undone) {
    const copy = this.copies.get(undone);
    if (!copy || undone.id === null || copy.list !== this.list || document.querySelector(cardSelector(undone.id))) return;
    copy.card.classList.add('is-stand-in');
    const follower = cards()[copy.place];
    if (follower) follower.before(copy.card);
    else byId(COMPONENT.suspectsList).append(copy.card);
  }

  /** Copies go when the list has the card itself, or when it was written after their order was carried out. */
  #dismissStandIns() {
    for (const standIn of all(document, '.suspect.is-stand-in')) {
      const id = idOf(standIn);
      const isListed = document.querySelectorAll(cardSelector(id)).length > 1;
      const isAwaited = this.queue.undone.some(
        (undone) => undone.id === id && this.copies.get(undone)?.list === this.list,
      );
      if (isListed || !isAwaited) standIn.remove();
    }
  }

  /** The list is a moment behind its verdicts. */
  markCards() {
    const { gone, skipped } = this.queue;
    for (const card of all(document, '.suspect')) {
      card.classList.toggle('is-gone', gone.has(idOf(card)));
      card.classList.toggle('is-skipped', skipped.has(idOf(card)));
    }
  }

  /** @param {number} place in the list, of the suspect that comes next; behind the last one is the next page */
  #moveOn(place) {
    const listed = cards();
    if (listed[place]) this.select(idOf(listed[place]));
    else if (this.queue.gone.size === 0) this.#turn(1, 0);
    else this.awaited = place;
    this.#showSelected();
  }

  /** @param {1 | -1} direction */
  #step(direction) {
    this.zone = 'list';
    const listed = cards();
    const place = listed.findIndex((card) => idOf(card) === this.selectedId);
    const next = place < 0 ? listed[0] : listed[place + direction];
    if (next) this.select(idOf(next));
    else if (listed.length > 0) this.#turn(direction, direction > 0 ? 0 : -1);
    this.#showSelected();
  }

  /** @param {number} direction 1 or -1 @param {number | null} awaited as the field of that name */
  #turn(direction, awaited = null) {
    const page = this.pageNumber + direction;
    if (page < 1 || page > this.nPages) return;
    this.awaited = awaited;
    this.page.turnTo(page);
  }

  /** Shows the selected card, which has the focus where keys walk along the list. */
  #showSelected() {
    const card = cards().find((listed) => idOf(listed) === this.selectedId);
    card?.scrollIntoView({ block: 'nearest' });
    if (!card) return;
    const isInList = this.zone === 'list' && closest(document.activeElement, TEXT_FIELDS) === null;
    if (this.focused !== null) within(card, `[data-verdict=${this.focused}]`).focus({ preventScroll: true });
    else if (isInList && !this.page.isCovered()) within(card, '.suspect-look').focus({ preventScroll: true });
    this.focused = null;
  }

  /** Leaves a field for the list, if that is in view. */
  #enterList() {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (this.page.isCovered()) return;
    this.zone = 'list';
    this.#showSelected();
  }
}

/** @param {HTMLElement} button that gives a verdict, or takes one back @returns {Judged} what it is on */
function judgedBy({ dataset }) {
  const { judged: id = '', collection = '', givenClass = null, group } = dataset;
  const undo = all(byId(COMPONENT.pointVerdict), `[data-undo][data-judged="${CSS.escape(id)}"]`)[0];
  return { id, collection, givenClass, group: group?.split(' ') ?? null, seenReview: undo?.dataset.undo ?? null };
}

/** @param {HTMLElement} card */
function copyOf(card) {
  return /** @type {HTMLElement} */ (card.cloneNode(true));
}
