/**
 * Points that are selected on the map once it is known which. Whoever selects others meanwhile keeps those. Knows no
 * document.
 */

import { answerOf, asJson } from './server.mjs';

/** @typedef {(select: () => void) => void} Around */
/** @typedef {{spec: {id: string, rowUrl: string} | null, map: {select: (rows: number[]) => void}}} Panel */

export class LateSelection {
  /**
   * @param {() => Panel | null | undefined} map
   * @param {import('./server.mjs').Send} send `fetch`
   * @param {Around} keepTab selects, and the worklist in view stays
   */
  constructor(map, send, keepTab) {
    this.map = map;
    this.send = send;
    this.keepTab = keepTab;
    /** Number of the last choice of points; those of an older one come too late. */
    this.nChoices = 0;
  }

  /** Others are selected by now, or other points are on the map. */
  forget() {
    this.nChoices += 1;
  }

  /**
   * @param {() => Promise<number[] | null>} readRows null if nobody wants them any more
   * @param {Around} around selects them
   * @returns {Promise<number | null>} how many; null if they come too late
   * @throws {Error} what reading them throws
   */
  async select(readRows, around = (select) => select()) {
    this.nChoices += 1;
    const mine = this.nChoices;
    const rows = await readRows();
    if (rows === null || mine !== this.nChoices) return null;
    this.keepTab(() => around(() => this.map()?.map.select(rows)));
    return rows.length;
  }

  /**
   * @param {() => Promise<string[] | null>} readIds null if nobody wants them any more
   * @param {Around} [around]
   * @returns {Promise<number | null>} how many of the points are on the map; null if they come too late
   * @throws {Error} if there is no map, or the api does not answer
   */
  selectIds(readIds, around) {
    return this.select(async () => {
      const ids = await readIds();
      return ids && this.#rowsOf(ids);
    }, around);
  }

  /** @param {string[]} ids @returns {Promise<number[]>} their rows on the map */
  async #rowsOf(ids) {
    const { spec } = this.map() ?? {};
    if (!spec) throw new Error('There is no map to select points on. Make one first.');
    const response = await answerOf(this.send, spec.rowUrl, asJson({ ids }));
    if (this.map()?.spec?.id !== spec.id) return this.#rowsOf(ids); // another map came meanwhile, which has other rows
    return (await response.json()).map((/** @type {{row: number}} */ found) => found.row);
  }
}
