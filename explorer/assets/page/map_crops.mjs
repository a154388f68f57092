/** Pictures instead of dots where few points are in view. Few requests at a time, and each picture is asked for once. */

/** More points than this stay dots. */
const MOST_POINTS = 48;
/** Farther away, a map of few points keeps its dots. */
const LEAST_ZOOM = 1.5;
const CROP_PX = 96;
const MOST_REQUESTS = 6;
const MOST_KEPT = 400;

/** @typedef {CanvasImageSource & {width: number, height: number}} Picture */

export class MapCrops {
  /**
   * @param {{rowsInView: (most: number) => number[] | null, camera: {zoom: number}, layers: {showCrops: (crops: Map<number, Picture>) => void, crops: Map<number, Picture>}}} map
   * @param {(row: number, sizePx: number) => string} urlOf
   * @param {(url: string) => Promise<Picture>} load
   * @param {() => Picture} drawFailed what stands for a picture that cannot be read
   */
  constructor(map, urlOf, load, drawFailed) {
    this.map = map;
    this.urlOf = urlOf;
    this.load = load;
    this.drawFailed = drawFailed;
    /** @type {Set<string>} addresses of pictures that cannot be read; they are asked for again when the map was moved */
    this.failed = new Set();
    /** @type {Picture | null} */
    this.failedPicture = null;
    /** @type {Map<string, Picture>} by address, the longest unused first */
    this.kept = new Map();
    /** @type {number[]} rows whose picture is wanted */
    this.wanted = [];
    this.nRequests = 0;
  }

  /** The map was moved, and rests. */
  look() {
    const rows = this.map.camera.zoom < LEAST_ZOOM ? null : this.map.rowsInView(MOST_POINTS);
    this.rows = rows ?? [];
    this.failedPicture = null; // its colours may be others
    this.wanted = this.rows.filter((row) => !this.kept.has(this.urlOf(row, CROP_PX)));
    this.#show();
    while (this.nRequests < MOST_REQUESTS && this.wanted.length > 0) void this.#next();
  }

  async #next() {
    const row = this.wanted.shift();
    if (row === undefined) return;
    const url = this.urlOf(row, CROP_PX);
    this.nRequests += 1;
    try {
      this.#keep(url, await this.load(url));
      this.failed.delete(url);
    } catch {
      this.failed.add(url);
    }
    this.#show();
    this.nRequests -= 1;
    void this.#next();
  }

  /** @param {string} url @param {Picture} picture */
  #keep(url, picture) {
    this.kept.set(url, picture);
    if (this.kept.size > MOST_KEPT) this.kept.delete(/** @type {string} */ (this.kept.keys().next().value));
  }

  #show() {
    /** @type {Map<number, Picture>} */
    const crops = new Map();
    for (const row of this.rows ?? []) {
      const url = this.urlOf(row, CROP_PX);
      const picture = this.kept.get(url);
      if (picture) {
        this.kept.delete(url);
        this.kept.set(url, picture);
        crops.set(row, picture);
      } else if (this.failed.has(url)) {
        this.failedPicture ??= this.drawFailed();
        crops.set(row, this.failedPicture);
      }
    }
    if (crops.size > 0 || this.map.layers.crops.size > 0) this.map.layers.showCrops(crops);
  }
}
