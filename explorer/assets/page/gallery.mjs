/** A grid of thumbnails of any length: only those in view are in the document. */

import { fillLine } from './views/windowing.mjs';

/** A thumbnail at least, and the room between two. */
const CELL_PX = 68;
const GAP_PX = 4;
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
    const { clientHeight, scrollTop } = this.element;
    const { nColumns, linePx } = this.#line;
    const top = Math.floor(place / nColumns) * linePx;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + linePx > scrollTop + clientHeight) this.element.scrollTop = top + linePx - clientHeight;
  }

  /** @returns {{nColumns: number, linePx: number}} thumbnails of a line, and from one line to the next */
  get #line() {
    const { nColumns, itemPx } = fillLine(this.element.clientWidth, CELL_PX, GAP_PX);
    return { nColumns, linePx: itemPx + GAP_PX };
  }

  #draw() {
    const { clientHeight, scrollTop } = this.element;
    const { nColumns, linePx } = this.#line;
    this.sheet.style.height = `${Math.min(MAX_HEIGHT_PX, Math.ceil(this.rows.length / nColumns) * linePx)}px`;
    this.sheet.style.setProperty('--cell', `${linePx - GAP_PX}px`);
    const firstLine = Math.max(0, Math.floor(scrollTop / linePx) - 1);
    const lastLine = Math.ceil((scrollTop + clientHeight) / linePx) + 1;
    const range = `${nColumns}:${linePx}:${firstLine}:${lastLine}`;
    if (range === this.drawn) return;
    this.drawn = range;
    const start = firstLine * nColumns;
    this.sheet.replaceChildren(
      ...this.rows.slice(start, lastLine * nColumns).map((row, offset) => {
        const place = start + offset;
        const cell = this.makeCell(row);
        cell.style.translate = `${(place % nColumns) * linePx}px ${Math.floor(place / nColumns) * linePx}px`;
        return cell;
      }),
    );
  }
}
