/** Marks the selected point wherever it is listed, by a style rule, because lists are written anew all the time. */

export class SelectedMark {
  constructor() {
    this.rule = document.head.appendChild(document.createElement('style'));
  }

  /**
   * Buttons beside another point, which is shown until the selected one has arrived, give no verdict.
   * @param {string | null} id null for no point
   */
  show(id) {
    const point = CSS.escape(id ?? '');
    this.rule.textContent = id === null ? '' : `
      [data-point-id="${point}"] { border-color: var(--accent); background: var(--accent-soft); }
      .point-verdict [data-judged]:not([data-judged="${point}"]) { visibility: hidden; }`;
  }
}
