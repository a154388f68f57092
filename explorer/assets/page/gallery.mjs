/** A grid of thumbnails of any length: only those in view are in the document. */

const CELL_PX = 72;
/** Browsers cannot lay out taller elements (Firefox stops at about 17 million pixels). */
const MAX_HEIGHT_PX = 10_000_000;

export class Gallery {
  /**
   * @param {HTMLElement} element scrolls
   * @param {(row: number) => HTMLElement} makeCell
   */
  constructor(element, makeCell) {
    this.element = element;
    this.makeCell = makeCell;
    /** @type {number[]} */
    this.rows = [];
    /** @type {string | null} what is in the document: columns, first and last line */
    this.drawn = null;
    this.sheet = document.createElement('div');
    this.sheet.className = 'gallery-sheet';
    element.replaceChildren(this.sheet);
    element.addEventListener('scroll', () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(element);
  }

  /** @param {number[]} rows shown from the first one on */
  show(rows) {
    this.rows = rows;
    this.drawn = null;
    this.element.scrollTop = 0;
    this.#draw();
  }

  /** @param {number} place of the row that is scrolled into view */
  reveal(place) {
    const { clientWidth, clientHeight, scrollTop } = this.element;
    const top = Math.floor(place / Math.max(1, Math.floor(clientWidth / CELL_PX))) * CELL_PX;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + CELL_PX > scrollTop + clientHeight) this.element.scrollTop = top + CELL_PX - clientHeight;
  }

  #draw() {
    const { clientWidth, clientHeight, scrollTop } = this.element;
    const nColumns = Math.max(1, Math.floor(clientWidth / CELL_PX));
    this.sheet.style.height = `${Math.min(MAX_HEIGHT_PX, Math.ceil(this.rows.length / nColumns) * CELL_PX)}px`;
    const firstLine = Math.max(0, Math.floor(scrollTop / CELL_PX) - 1);
    const lastLine = Math.ceil((scrollTop + clientHeight) / CELL_PX) + 1;
    const range = `${nColumns}:${firstLine}:${lastLine}`;
    if (range === this.drawn) return;
    this.drawn = range;
    const start = firstLine * nColumns;
    this.sheet.replaceChildren(
      ...this.rows.slice(start, lastLine * nColumns).map((row, offset) => {
        const place = start + offset;
        const cell = this.makeCell(row);
        cell.style.translate = `${(place % nColumns) * CELL_PX}px ${Math.floor(place / nColumns) * CELL_PX}px`;
        return cell;
      }),
    );
  }
}
