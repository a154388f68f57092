/** What was drawn around in the map: how many points of which classes, their thumbnails, and a table to take along. */

import { wordsAmong } from '../map/short_names.mjs';
import { span, within } from './elements.mjs';
import { Gallery } from './gallery.mjs';
import { send } from './send.mjs';
import { answerOf } from './server.mjs';

const SHOWN_CLASSES = 6;
/** Letters of a class beside the count. */
const LONGEST_CLASS = 26;
/** In the title of the others. */
const LISTED_CLASSES = 40;
/** The api answers at most so many rows at once. */
const ROWS_PER_REQUEST = 1000;

/** @typedef {{className: string, color: string, count: number}} ClassCount */

export class SelectionPanel {
  /**
   * @param {HTMLElement} panel the elements that `explorer/panels/selection.py` lays out
   * @param {(row: number) => {cropUrl: string, className: string, color: string}} describe
   * @param {() => string} rowUrl address below which rows are
   */
  constructor(panel, describe, rowUrl) {
    this.panel = panel;
    this.describe = describe;
    this.rowUrl = rowUrl;
    /** @type {number[]} */
    this.rows = [];
    this.gallery = new Gallery(within(panel, '.gallery'), (row) => this.#makeCell(row));
  }

  /** Another map comes: until it is there, no row means anything. */
  wait() {
    this.rows = [];
    this.panel.inert = true;
  }

  /** @param {number[]} rows none hides the panel */
  show(rows) {
    this.rows = rows;
    this.panel.inert = false;
    this.panel.hidden = rows.length === 0;
    within(this.panel, '.selection-count').textContent = `Selection · ${rows.length.toLocaleString('en')}`;
    const classes = within(this.panel, '.selection-classes');
    const counts = this.#countClasses();
    const shown = counts.slice(0, SHOWN_CLASSES);
    const words = wordsAmong(shown.map(({ className }) => className), LONGEST_CLASS);
    classes.replaceChildren(span('dim', `${counts.length.toLocaleString('en')} ${counts.length === 1 ? 'class' : 'classes'}`), ...shown.map((one) => classSign(one, words.get(one.className) ?? one.className)));
    classes.title = counts.slice(0, LISTED_CLASSES).map(({ className, count }) => `${className} ${count.toLocaleString('en')}`).join('\n');
    this.gallery.show(rows);
  }

  /**
   * @param {number} row where the walk is now; it begins with the first row if that is not listed
   * @param {1 | -1} direction
   * @returns {number | undefined} the next row, which is scrolled into view; undefined at an end
   */
  next(row, direction) {
    const place = this.rows.indexOf(row);
    const next = place < 0 ? 0 : place + direction;
    if (next in this.rows) this.gallery.reveal(next);
    return this.rows[next];
  }

  /**
   * @param {number} from place of the first of the selected points
   * @param {number} to place behind the last one
   * @returns {Promise<Record<string, unknown>[]>} these points @throws {Error} if the api refuses
   */
  async readPoints(from = 0, to = this.rows.length) {
    const points = [];
    const [rows, url] = [this.rows.slice(from, to), this.rowUrl()]; // another map that comes meanwhile has other rows
    for (let start = 0; start < rows.length; start += ROWS_PER_REQUEST) {
      const query = rows.slice(start, start + ROWS_PER_REQUEST).join(',');
      const response = await answerOf(send, `${url}?rows=${query}`);
      for (const { point } of await response.json()) points.push(point);
    }
    return points;
  }

  /** @returns {ClassCount[]} the most frequent first */
  #countClasses() {
    /** @type {Map<string, ClassCount>} */
    const counts = new Map();
    for (const row of this.rows) {
      const { className, color } = this.describe(row);
      counts.set(className, { className, color, count: (counts.get(className)?.count ?? 0) + 1 });
    }
    return [...counts.values()].sort((a, b) => b.count - a.count);
  }

  /** @param {number} row */
  #makeCell(row) {
    const { cropUrl, className, color } = this.describe(row);
    const cell = document.createElement('button');
    cell.className = 'gallery-cell';
    cell.title = className;
    cell.dataset.row = String(row);
    cell.style.setProperty('--swatch', color);
    const crop = new Image();
    crop.loading = 'lazy'; // first the cells are shown, then their pictures are asked for
    crop.src = cropUrl;
    crop.alt = className;
    cell.append(crop);
    return cell;
  }
}

/** @param {ClassCount} one @param {string} words what its class is called beside the others @returns {HTMLElement} its colour, name and count */
function classSign({ color, count }, words) {
  const sign = span('selection-class', '');
  const swatch = span('swatch', '');
  swatch.style.setProperty('--swatch', color);
  sign.append(swatch, span('', words), span('dim', count.toLocaleString('en')));
  return sign;
}
