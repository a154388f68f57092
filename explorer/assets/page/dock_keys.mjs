/** Which keys are none of the dock's, because they belong to what has the focus. */

import { closest, TEXT_FIELDS } from './elements.mjs';

const OTHER_PLACES = '.header, .filter-panel, .map-host, .neighbors, dialog';
/** What letters pass through, but no other key. */
const KEYED = 'button, summary, a, input, [role=separator]';

/** @param {KeyboardEvent} event @returns {boolean} whether it is text, or a key of the browser */
export function isTyping({ target, ctrlKey, metaKey, altKey }) {
  return ctrlKey || metaKey || altKey || closest(target, TEXT_FIELDS) !== null;
}

/** @param {KeyboardEvent} event @returns {boolean} whether all of a list are to be marked; the browser would select the words of the page */
export function isMarkAll({ target, key, ctrlKey, metaKey, altKey, shiftKey }) {
  const isPressed = (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === 'a';
  return isPressed && closest(target, TEXT_FIELDS) === null && !document.querySelector('dialog[open]');
}

/** @param {Element} host of the dock @param {{markAll: () => void}} worklist in view @returns {boolean} whether its cards can be marked */
export function markAll(host, worklist) {
  const isMarkable = host.querySelector('.dock-panel:not([hidden]) .bulk-bar') !== null;
  if (isMarkable) worklist.markAll();
  return isMarkable;
}

/** @param {KeyboardEvent} event @returns {boolean} whether the key belongs to what has the focus */
export function isElsewhere({ target, key }) {
  if (closest(target, OTHER_PLACES)) return true;
  const isLetter = key.length === 1 && key !== ' ';
  return !isLetter && key !== 'Escape' && closest(target, KEYED) !== null;
}
