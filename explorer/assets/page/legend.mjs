/** Showing and hiding classes. Dash writes the rows; which of them are pressed is known here only. */

import { all, closest } from './elements.mjs';

export class Legend {
  /**
   * @param {HTMLElement} panel contains the rows and the all/none buttons
   * @param {(visible: Uint8Array) => void} onChange called with one number per class, 0 = hidden
   */
  constructor(panel, onChange) {
    this.panel = panel;
    this.onChange = onChange;
    this.visible = new Uint8Array(0);
    panel.addEventListener('click', (event) => this.#click(closest(event.target, 'button')));
  }

  /** @param {boolean[]} visible one per class of a new map */
  reset(visible) {
    this.visible = Uint8Array.from(visible);
    this.#mark();
  }

  /** @param {string} text shows only the rows whose class contains it; hides no point */
  find(text) {
    const wanted = text.trim().toLowerCase();
    for (const row of all(this.panel, '.legend-row')) {
      row.hidden = !row.dataset.className?.toLowerCase().includes(wanted);
    }
  }

  /** @param {HTMLElement | null} button */
  #click(button) {
    const { classIndex, only, legendAll } = button?.dataset ?? {};
    if (classIndex !== undefined) this.visible[Number(classIndex)] ^= 1;
    else if (only !== undefined) this.visible.fill(0).fill(1, Number(only), Number(only) + 1);
    else if (legendAll !== undefined) this.#setListed(Number(legendAll));
    else return;
    this.#mark();
    this.onChange(this.visible);
  }

  /** @param {number} shown 1 or 0, for the rows that the search lists */
  #setListed(shown) {
    for (const row of all(this.panel, '.legend-row:not([hidden]) [data-class-index]')) {
      this.visible[Number(row.dataset.classIndex)] = shown;
    }
  }

  #mark() {
    for (const toggle of all(this.panel, '[data-class-index]')) {
      toggle.setAttribute('aria-pressed', String(this.visible[Number(toggle.dataset.classIndex)] === 1));
    }
  }
}
