/** Menus made of `<details class="menu">`: they close when one presses elsewhere, or Escape. One may log out in them. */

import { COMPONENT } from './component_ids.mjs';
import { all, byId, closest } from './elements.mjs';

export function closeMenusFromOutside() {
  document.addEventListener('pointerdown', ({ target }) => {
    for (const menu of all(document, 'details.menu[open]')) if (closest(target, 'details.menu') !== menu) menu.removeAttribute('open');
  });
  document.addEventListener('keydown', (event) => {
    const menu = closest(event.target, 'details.menu[open]');
    if (event.key !== 'Escape' || !menu) return;
    event.preventDefault();
    menu.removeAttribute('open');
    menu.querySelector('summary')?.focus();
  });
}

/**
 * Offers to log out to those who have logged in: the cookie that says so is not for scripts, so the server is asked.
 * @param {import('./server.mjs').Send} send `fetch`
 */
export async function offerLogOut(send) {
  const answer = await send('session').catch(() => null);
  const access = answer?.ok ? (await answer.json()).access : null;
  const form = byId(COMPONENT.logOut);
  form.hidden = access === null;
  const words = form.querySelector('span');
  if (words && access !== null) words.textContent = `Logged in with ${access} access`;
}
