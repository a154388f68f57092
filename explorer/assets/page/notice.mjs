/** What Python says of a link or an error: a line of its own below the header, until it is closed or was there for a while. */

import { COMPONENT } from './component_ids.mjs';
import { byId, within } from './elements.mjs';
import { Fading } from './fading.mjs';

const SHOWN_MS = 20_000;

/** @param {() => void} forget takes the text away */
export function keepNotice(forget) {
  const text = byId(COMPONENT.notice);
  const line = /** @type {HTMLElement} */ (text.parentElement);
  const fading = new Fading(line, SHOWN_MS, forget);
  const follow = () => { if (text.textContent !== '') fading.start(); };
  within(line, 'button').addEventListener('click', () => fading.stop());
  new MutationObserver(follow).observe(text, { childList: true, characterData: true, subtree: true });
  follow();
}
