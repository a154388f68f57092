/**
 * What hands do, before the rest of the page hears of it. A key that is held, and the second half of a double click, would
 * judge what has moved there. Letters mean the same with Caps Lock and in every keyboard layout.
 */

import { isTyping } from './dock_keys.mjs';
import { closest, TEXT_FIELDS } from './elements.mjs';

/** Keys that judge or take back, each time what is there by then. */
const ONCE = /^[adsu1-9]$/;
/** Buttons that do so; a key's button names it. */
const JUDGING = [
  '[aria-keyshortcuts=a], [aria-keyshortcuts=d], [aria-keyshortcuts=s], [aria-keyshortcuts=u]',
  '[data-verdict], [data-undo], [data-once]',
].join();

/** @param {Document} page whose elements listen in the bubbling phase */
export function guardInput(page) {
  page.addEventListener('keydown', (event) => {
    const latin = latinKey(event);
    if (latin !== event.key && closest(event.target, TEXT_FIELDS) === null) tellAgain(event, latin);
    else if (isHeld(event)) swallow(event);
  }, true);
  page.addEventListener('click', (event) => {
    if (event.detail > 1 && closest(event.target, JUDGING)) swallow(event);
  }, true);
}

/** @param {Event} event */
function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** @param {KeyboardEvent} event @param {string} key that it means */
function tellAgain(event, key) {
  const { code, repeat, shiftKey, ctrlKey, altKey, metaKey, target } = event;
  const meant = new KeyboardEvent('keydown', { key, code, repeat, shiftKey, ctrlKey, altKey, metaKey, bubbles: true, cancelable: true });
  event.stopImmediatePropagation();
  if (!target?.dispatchEvent(meant)) event.preventDefault();
}

/** @param {KeyboardEvent} event @returns {boolean} whether a key is held that is meant once */
function isHeld(event) {
  const { repeat, key, target } = event;
  if (!repeat || isTyping(event)) return false;
  return ONCE.test(key) || ((key === 'Enter' || key === ' ') && closest(target, JUDGING) !== null);
}

/**
 * A letter of Caps Lock is its small one; one that is not Latin is that of its place on a Latin keyboard.
 * @param {Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'altKey'>} event
 * @returns {string}
 */
export function latinKey({ key, code, shiftKey, altKey }) {
  if (altKey || key.length !== 1) return key;
  if (/^[A-Z]$/.test(key)) return shiftKey ? key : key.toLowerCase();
  const place = /^Key([A-Z])$/.exec(code)?.[1];
  const isForeign = /\p{L}/u.test(key) && !/\p{Script=Latin}/u.test(key);
  if (!isForeign || place === undefined) return key;
  return shiftKey ? place : place.toLowerCase();
}
