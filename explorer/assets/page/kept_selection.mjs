/** What is selected while the same map is loaded anew, because its points have other classes or tags. Knows no document. */

/** @typedef {{chosenRows: number[], select: (rows: number[]) => void}} SelectedMap */

export class KeptSelection {
  constructor() {
    /** @type {string | null} id of the map that was loaded last; its rows stay what they are */
    this.mapId = null;
    /** @type {number[] | null} what will be selected again; null if nothing is to be */
    this.rows = null;
    this.nLoads = 0;
  }

  /**
   * Loads a map.
   * @param {string | null} mapId null for no map
   * @param {SelectedMap | undefined} map
   * @param {() => Promise<unknown>} load
   * @returns {Promise<boolean>} whether it was there before
   */
  async during(mapId, map, load) {
    const isSame = mapId !== null && mapId === this.mapId;
    this.mapId = mapId;
    this.nLoads += 1;
    const mine = this.nLoads;
    const rows = isSame ? this.rows ?? map?.chosenRows ?? [] : [];
    this.rows = rows.length > 0 ? rows : null;
    await load();
    if (mine === this.nLoads && this.rows !== null) {
      map?.select(this.rows);
      this.rows = null;
    }
    return isSame;
  }

  /** @param {number[]} rows that are selected on the map by now @returns {boolean} whether nobody chose them: the map lost them, or has them again */
  takes(rows) {
    if (this.rows === null) return false;
    if (rows.length === 0 || rows === this.rows) return true;
    this.rows = null; // somebody selected others meanwhile
    return false;
  }
}
