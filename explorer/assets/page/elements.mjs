/** Elements of the page: those that Python lays out, and small ones made here. */

/** Where keys write text. */
export const TEXT_FIELDS = 'input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]';

/**
 * @param {string} id one of `COMPONENT` in `component_ids.mjs`
 * @returns {HTMLElement}
 * @throws {Error} if the layout has no such element
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element '${id}'; reload it`);
  return element;
}

/**
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement} the first descendant that fits
 * @throws {Error} if there is none
 */
export function within(parent, selector) {
  const element = parent.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`the page has no element '${selector}'; reload it`);
  return element;
}

/**
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function all(parent, selector) {
  return [...parent.querySelectorAll(selector)].filter((element) => element instanceof HTMLElement);
}

/**
 * @param {EventTarget | null} target of an event, which may be the document itself
 * @param {string} selector
 * @returns {HTMLElement | null} the element or its ancestor that fits
 */
export function closest(target, selector) {
  const element = target instanceof Element ? target.closest(selector) : null;
  return element instanceof HTMLElement ? element : null;
}

/** @param {string} className @param {string} text */
export function span(className, text) {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}
