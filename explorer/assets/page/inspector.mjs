/**
 * Judging beside the point that is looked at, and where keys belong.
 *
 * Elements: `[data-verdict]` gives a verdict and `[data-undo]` (a review's id) takes one back, with `data-judged` (a
 * point's id), `data-collection` and maybe `data-given-class`, `data-class-name` (what accept gives) and `data-group`
 * (ids of all points that the verdict is on).
 *
 * Keys belong to the list in view. `j` and `k` walk along it wherever the focus is; verdicts are given by key only while
 * the list or the point has the focus, so that nobody judges what they do not look at.
 */

import { COMPONENT } from './component_ids.mjs';
import { all, byId, closest, TEXT_FIELDS } from './elements.mjs';
import { guardInput } from './input_guard.mjs';
import { KeptFocus } from './kept_focus.mjs';
import { bestMatch } from './worklists/names.mjs';

/** @typedef {import('./review_queue.mjs').Verdict} Verdict */
/** @typedef {import('./review_queue.mjs').Judged} Judged */

/** @type {Record<string, Verdict>} */
const KEYS = { a: 'accept', d: 'dismiss', s: 'skip' };

/** @typedef {"list" | "view" | "point" | "notes"} Zone where a key may give a verdict */

/**
 * The dock, the gallery or table above it, the point beside it, and what is said about verdicts.
 * @type {Record<Zone, string>}
 */
const ZONES = { list: '.dock', view: '.views-host, .views-bar', point: '.point', notes: '.verdict-message, .review-bar' };

/** @param {string} id @returns {HTMLElement[]} the buttons that are about that point */
const buttonsOf = (id) => all(byId(COMPONENT.pointVerdict), `[data-judged="${CSS.escape(id)}"]`);

export class Inspector {
  /**
   * @param {object} page
   * @param {() => string | null} page.selectedId id of the point that is looked at
   * @param {(verdict: Verdict, judged: Judged, className: string | null) => void} page.judge
   * @param {(review: string, collection: string, isTogether: boolean) => void} page.undoReview maybe with all that was given together with it
   * @param {() => void} page.undoLast
   * @param {(direction: 1 | -1) => void} page.walk along the list in view
   * @param {() => void} page.focusList gives the focus to the list in view
   * @param {(text: string) => void} page.say
   */
  constructor(page) {
    this.page = page;
    /**
     * Where somebody last pressed or came with the focus. The focus itself goes when a list is rewritten.
     * @type {Zone | null}
     */
    this.zone = null;
    guardInput(document);
    new KeptFocus(TEXT_FIELDS);
    document.addEventListener('keydown', (event) => this.#takeClass(event), true);
  }

  /** @param {EventTarget | null} target of a press or a focus */
  enter(target) {
    const zones = /** @type {Zone[]} */ (Object.keys(ZONES));
    this.zone = zones.find((zone) => closest(target, ZONES[zone])) ?? null;
  }

  /** Leaves where the focus is for the list in view. */
  enterList() {
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && !closest(activeElement, ZONES.list)) activeElement.blur();
    this.zone = 'list';
  }

  /** Tells where verdict keys mean something. */
  sayWhere() {
    this.page.say('Verdict keys work in the list of suspects, in other lists of cards and beside the point. j goes to the list.');
  }

  /** @param {MouseEvent} event @returns {boolean} whether it was meant for a verdict */
  click(event) {
    const button = closest(event.target, '[data-verdict], [data-undo]');
    if (!button) return false;
    const { verdict, judged, undo, together, collection = '', className = null } = button.dataset;
    if (undo) this.page.undoReview(undo, collection, together !== undefined);
    else if (verdict && judged) this.page.judge(/** @type {Verdict} */ (verdict), judgedBy(button), className);
    return true;
  }

  /** @param {KeyboardEvent} event that no list took */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (closest(event.target, TEXT_FIELDS)) {
      if (event.key === 'Escape' && closest(event.target, `#${COMPONENT.otherClass}`)) this.#returnToList();
      return;
    }
    const action = this.#actionOf(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  }

  /**
   * Enter takes the class that was typed, before the field's own list takes the first that has these letters in its name.
   * @param {KeyboardEvent} event
   */
  #takeClass(event) {
    const meant = event.key === 'Enter' && closest(event.target, `#${COMPONENT.otherClass}`) ? typedClass() : undefined;
    if (!meant) return;
    event.preventDefault();
    event.stopPropagation();
    meant.click();
  }

  /** @param {string} key @returns {(() => void) | null} null for a key of somebody else */
  #actionOf(key) {
    if (key === 'j' || key === 'k') return () => this.page.walk(key === 'j' ? 1 : -1);
    /** @type {Record<string, () => void>} */
    const others = { u: () => this.page.undoLast(), c: () => byId(COMPONENT.otherClass).focus() };
    const act = KEYS[key] ? () => this.#pressKey(KEYS[key]) : others[key];
    return act ? () => { if (this.zone === null || this.zone === 'list' || this.zone === 'view') this.sayWhere(); else act(); } : null;
  }

  /** A key is its button. @param {Verdict} verdict */
  #pressKey(verdict) {
    const button = buttonsOf(this.page.selectedId() ?? '').find(({ dataset }) => dataset.verdict === verdict);
    if (button) this.page.judge(verdict, judgedBy(button), button.dataset.className ?? null);
    else this.page.say('This point is not shown yet, or it has a verdict; press the key again to judge it.');
  }

  /**
   * The class that was chosen in place of the suggested one, for the whole group if the point is of one.
   * @param {string} id
   * @param {string} className
   */
  choose(id, className) {
    const buttons = buttonsOf(id);
    const button = buttons.find(({ dataset }) => dataset.verdict) ?? buttons[0]; // one that knows the group
    if (button) this.page.judge('accept', judgedBy(button), className);
    else this.page.say('This point is not shown yet; choose its class again.');
    this.#returnToList();
  }

  #returnToList() {
    this.enterList();
    this.page.focusList();
  }
}

/** @returns {HTMLElement | undefined} the class of the name that was typed, else the first that has it in its name; none if nothing was typed, or an arrow key went to another */
function typedClass() {
  const field = /** @type {HTMLInputElement} */ (byId(COMPONENT.otherClass));
  const list = document.getElementById(field.getAttribute('aria-controls') ?? '');
  if (!list || field.value.trim() === '') return undefined;
  const options = all(list, '[role=option]');
  if (options.findIndex((option) => option.matches('[data-combobox-selected]')) > 0) return undefined;
  const name = bestMatch(options.map(({ textContent }) => textContent ?? ''), field.value);
  return options.find(({ textContent }) => textContent === name);
}

/** @param {HTMLElement} button that gives a verdict, or takes one back @returns {Judged} what it is on, as it is shown */
function judgedBy({ dataset }) {
  const { judged: id = '', collection = '', givenClass: className = null, group, undo } = dataset;
  const review = undo ?? buttonsOf(id).find((one) => one.dataset.undo)?.dataset.undo ?? null;
  const ids = group?.split(' ') ?? [id];
  const seen = ids.map((one) => [one, { className, review: one === id ? review : null }]);
  return { id, collection, group: group ? ids : null, seen: Object.fromEntries(seen) };
}
