/** Showing and hiding classes. Dash writes the rows; which of them are pressed is known here only. */

export class Legend {
  /**
   * @param {HTMLElement} panel contains the rows and the all/none buttons
   * @param {(visible: Uint8Array) => void} onChange called with one number per class, 0 = hidden
   */
  constructor(panel, onChange) {
    this.panel = panel;
    this.onChange = onChange;
    this.visible = new Uint8Array(0);
    panel.addEventListener('click', (event) => this.#click(event.target));
  }

  /** @param {boolean[]} visible one per class of a new map */
  reset(visible) {
    this.visible = Uint8Array.from(visible);
    this.#mark();
  }

  /** @param {string} text shows only the rows whose class contains it; hides no point */
  find(text) {
    const wanted = text.trim().toLowerCase();
    for (const row of this.panel.querySelectorAll('.legend-row')) {
      row.hidden = !row.dataset.className.toLowerCase().includes(wanted);
    }
  }

  #click(target) {
    const { classIndex, only, legendAll } = target.closest('button')?.dataset ?? {};
    if (classIndex !== undefined) this.visible[classIndex] ^= 1;
    else if (only !== undefined) this.visible.fill(0).fill(1, Number(only), Number(only) + 1);
    else if (legendAll !== undefined) this.#setListed(Number(legendAll));
    else return;
    this.#mark();
    this.onChange(this.visible);
  }

  /** "all" and "none" mean the rows that the search lists. */
  #setListed(shown) {
    for (const row of this.panel.querySelectorAll('.legend-row:not([hidden]) [data-class-index]')) {
      this.visible[row.dataset.classIndex] = shown;
    }
  }

  #mark() {
    for (const toggle of this.panel.querySelectorAll('[data-class-index]')) {
      toggle.setAttribute('aria-pressed', String(this.visible[toggle.dataset.classIndex] === 1));
    }
  }
}
