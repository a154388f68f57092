/**
 * What is selected while a map is loaded anew, because its points have other classes or tags, or while another map of the
 * same points takes its place. Knows no document.
 */

import { renumber } from '../map/row_sets.mjs';

/** @typedef {{chosenRows: number[], columns: object, select: (rows: number[]) => void}} SelectedMap its columns are others once a map that is loaded has begun to come */
/** @typedef {{collection: string, id: string}} MapName */
/** @typedef {'same' | 'renumbered' | 'other' | 'late'} Became the points are those that were there, these with other rows, or others; late if another map was asked for meanwhile */

/**
 * @typedef {object} PageOfSelection
 * @property {() => SelectedMap | null | undefined} map
 * @property {() => boolean} remembers whether rows are known elsewhere, such as what may be undone
 * @property {(from: MapName, to: MapName) => Promise<Int32Array>} readNumbers row on the second map of each row of the first, -1 for none
 * @property {(numbers: Int32Array | null) => void} renumber rows that are known elsewhere; null if they mean nothing any more
 * @property {(rows: number[]) => void} selected these points are selected on the other map
 * @property {(text: string) => void} say
 */

const GONE = 'What was selected on the map before is not known any more.';

export class KeptSelection {
  /** @param {PageOfSelection} page */
  constructor(page) {
    this.page = page;
    /** @type {MapName | null} the map that was asked for last; its rows stay what they are */
    this.shown = null;
    /** @type {number[] | null} what will be selected again; null if nothing is to be */
    this.rows = null;
    this.nLoads = 0;
    this.isLoading = false;
    /** @type {object | undefined} the map's columns when it was asked for, or when its rows were lost */
    this.columns = undefined;
  }

  /**
   * Loads a map.
   * @param {MapName | null} wanted null for no map
   * @param {() => Promise<unknown>} load
   * @returns {Promise<Became>}
   */
  async during(wanted, load) {
    this.nLoads += 1;
    const mine = this.nLoads;
    const isSame = this.#isShown(wanted);
    const numbers = isSame ? null : await this.#readNumbers(wanted);
    if (mine !== this.nLoads) return 'late';
    this.#carryOver(isSame, numbers);
    this.shown = wanted;
    this.isLoading = true;
    this.columns = this.page.map()?.columns;
    await load();
    if (mine !== this.nLoads) return 'late';
    this.isLoading = false;
    this.#selectAgain(numbers !== null);
    if (isSame) return 'same';
    return numbers ? 'renumbered' : 'other';
  }

  /** @param {MapName | null} wanted */
  #isShown(wanted) {
    return wanted !== null && wanted.id === this.shown?.id && wanted.collection === this.shown.collection;
  }

  /** @param {boolean} isRenumbered */
  #selectAgain(isRenumbered) {
    const { rows } = this;
    const map = this.page.map();
    if (rows !== null && rows !== map?.chosenRows) {
      map?.select(rows);
      if (isRenumbered) this.page.selected(rows);
    }
    this.rows = null;
  }

  /** @returns {number[]} rows of the map that was asked for last */
  get #chosen() {
    return this.rows ?? this.page.map()?.chosenRows ?? [];
  }

  /** @param {MapName | null} wanted @returns {Promise<Int32Array | null>} null if there is nothing to keep */
  async #readNumbers(wanted) {
    const { shown, page } = this;
    if (wanted === null || shown === null || shown.collection !== wanted.collection) return null;
    if (this.#chosen.length === 0 && !page.remembers()) return null;
    try {
      return await page.readNumbers(shown, wanted);
    } catch { // the map before was deleted, or the connection is lost, which others say
      if (this.#chosen.length > 0) page.say(GONE);
      return null;
    }
  }

  /** @param {boolean} isSame @param {Int32Array | null} numbers what rows become; null if they stay, or mean nothing */
  #carryOver(isSame, numbers) {
    const before = isSame || numbers ? this.#chosen : [];
    const rows = numbers ? renumber(before, numbers) : before;
    this.rows = rows.length > 0 ? rows : null;
    if (!isSame) this.page.renumber(numbers);
    const nLost = before.length - rows.length;
    if (nLost > 0) this.page.say(`${nLost.toLocaleString('en')} of the selected points ${nLost === 1 ? 'is' : 'are'} not on this map.`);
  }

  /** @param {number[]} rows that are selected on the map by now @returns {boolean} whether nobody chose them: the map lost them, or has them again */
  takes(rows) {
    if (this.rows === null && !this.isLoading) return false;
    if (rows === this.rows || (rows.length === 0 && this.#isLoss())) return true;
    this.rows = this.isLoading && rows.length > 0 ? rows : null; // somebody selected others meanwhile
    return false;
  }

  /** Nothing is selected any more. @returns {boolean} whether that is so because the map that comes has begun anew */
  #isLoss() {
    const columns = this.page.map()?.columns;
    if (columns === this.columns) return false;
    this.columns = columns;
    return this.rows !== null;
  }
}
