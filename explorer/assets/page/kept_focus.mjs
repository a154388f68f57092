/**
 * The place of those who work by keys. If the control that they are on goes away, its neighbor takes the focus; the browser
 * would give it to nothing, and one would not see any more where one is. Presses of a pointer leave all as it is.
 */

import { all } from './elements.mjs';

const CONTROLS = 'button, a[href], summary, input, [tabindex="0"]';

/** @typedef {{control: HTMLElement, around: HTMLElement[], known: HTMLElement[]}} Held a control, what it is in from inside, and all controls beside it */

/** @param {HTMLElement} control */
const isDisabled = (control) => control.matches(':disabled');
/** @param {HTMLElement} control @returns {boolean} whether it went away; what a dialog disables while it works comes back */
const isGone = (control) => !control.isConnected || control.closest('[hidden]') !== null || (isDisabled(control) && control.closest('dialog') === null);

export class KeptFocus {
  /** @param {string} typedInto selector of fields that take all keys, and so are no neighbor to go to */
  constructor(typedInto) {
    this.typedInto = typedInto;
    /** @type {Held | null} null while nobody works by keys */
    this.held = null;
    this.isWaiting = false;
    document.addEventListener('pointerdown', () => { this.held = null; }, true);
    for (const name of ['keydown', 'keyup']) document.addEventListener(name, () => this.#hold(), true);
    document.addEventListener('focusout', () => queueMicrotask(() => this.#letGo()));
    const watched = { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled', 'hidden'] };
    new MutationObserver(() => this.#look()).observe(document.body, watched);
  }

  #hold() {
    const { activeElement, body } = document;
    if (!(activeElement instanceof HTMLElement) || activeElement === body || activeElement === this.held?.control) return;
    const around = [];
    for (let part = activeElement.parentElement; part !== null && part !== body; part = part.parentElement) around.push(part);
    this.held = { control: activeElement, around, known: all(document, CONTROLS) };
  }

  /** The focus left on purpose, as Escape has it. */
  #letGo() {
    const control = this.held?.control;
    if (control && document.activeElement === document.body && !isGone(control) && !isDisabled(control)) this.held = null;
  }

  #look() {
    const control = this.held?.control;
    if (!control || this.isWaiting || document.activeElement === control && !isGone(control)) return;
    this.isWaiting = true; // lists that are drawn anew may take the focus by themselves
    requestAnimationFrame(() => requestAnimationFrame(() => {
      this.isWaiting = false;
      this.#restore();
    }));
  }

  #restore() {
    const { held } = this;
    if (held === null || (document.activeElement !== document.body && document.activeElement !== held.control)) return;
    if (!isGone(held.control)) {
      if (!isDisabled(held.control)) held.control.focus();
      return;
    }
    for (const part of held.around) {
      const found = part.isConnected ? this.#neighborIn(part, held) : undefined;
      if (found === undefined) continue;
      found.focus();
      this.#hold();
      return;
    }
  }

  /** @param {HTMLElement} part of the page @param {Held} held @returns {HTMLElement | undefined} the next control in it, else the one before, else the first of those that are new */
  #neighborIn(part, { control, known }) {
    const usable = all(part, CONTROLS).filter((one) => !isDisabled(one) && !one.matches(this.typedInto) && one.checkVisibility({ visibilityProperty: true }));
    const isThere = (/** @type {HTMLElement} */ one) => usable.includes(one);
    const place = known.indexOf(control);
    return known.slice(place + 1).find(isThere) ?? known.slice(0, Math.max(0, place)).findLast(isThere) ?? usable[0];
  }
}
