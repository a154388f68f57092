/** Menus made of `<details class="menu">`: they close when one presses elsewhere, or Escape. */

import { all, closest } from './elements.mjs';

export function closeMenusFromOutside() {
  document.addEventListener('pointerdown', ({ target }) => {
    for (const menu of all(document, 'details.menu[open]')) if (closest(target, 'details.menu') !== menu) menu.removeAttribute('open');
  });
  document.addEventListener('keydown', (event) => {
    const menu = closest(event.target, 'details.menu[open]');
    if (event.key !== 'Escape' || !menu) return;
    menu.removeAttribute('open');
    menu.querySelector('summary')?.focus();
  });
}
