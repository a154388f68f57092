/** The camera in its element: follows the element's size and the screen's pixels, fits, flies and says when it rests. */

import { Camera } from './camera.mjs';
import { fly } from './flight.mjs';

/** Leaves the tools in the corner beside the points. */
const FIT_MARGIN_PX = 46;
const SETTLED_MS = 200;
/** More device pixels than this per CSS pixel cost fill rate and show nothing more of a dot. */
const MAX_PIXEL_RATIO = 2;

export class Viewport {
  /**
   * @param {HTMLElement} host whose size is followed
   * @param {() => import('./columns.mjs').PointColumns} columns what `fit` shows
   * @param {{resized: (ratio: number) => void, fitted: () => void, changed: () => void, settled: () => void}} callbacks
   *   the element has another size or `ratio` of device pixels per CSS pixel, and the camera follows; it moved; it has
   *   rested for a moment
   */
  constructor(host, columns, { resized, fitted, changed, settled }) {
    this.host = host;
    this.columns = columns;
    this.callbacks = { resized, fitted, changed, settled };
    this.camera = new Camera();
    /** Whether somebody chose this view; otherwise it keeps showing everything. */
    this.isChosen = false;
    /** Whether that is every point, or most of them: single ones may lie far away. */
    this.isWhole = false;
    /** How often somebody moved the camera by hand. */
    this.nMoves = 0;
    this.stopping = new AbortController();
  }

  /** Starts to follow the host; the first size is told at once. */
  start() {
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(this.host);
    this.stopping.signal.addEventListener('abort', () => observer.disconnect());
    this.#followPixelRatio();
    this.#resize();
  }

  /** Follows nothing any more. */
  stop() {
    this.stopFlight?.();
    clearTimeout(this.settling);
    this.stopping.abort();
  }

  /** To be called after anybody moved the camera by hand. */
  moved() {
    this.nMoves += 1;
    this.stopFlight?.();
    this.isChosen = true;
    this.#change();
  }

  /** Shows most points, or every one. */
  fit({ animate = true, isWhole = this.isWhole } = {}) {
    const target = new Camera();
    target.resize(this.camera.width, this.camera.height);
    target.fit(isWhole ? this.columns().bounds() : this.columns().mostBounds(), FIT_MARGIN_PX);
    this.isWhole = isWhole;
    this.stopFlight?.();
    this.isChosen = false;
    if (animate) this.#flyTo(target);
    else this.camera.lookAt(target.x, target.y, target.zoom);
    this.#change();
  }

  /**
   * Flies to a world position unless it is on the screen already.
   * @param {number} x
   * @param {number} y
   * @param {number} marginPx
   */
  reveal(x, y, marginPx) {
    if (this.camera.shows(x, y, marginPx)) return;
    this.stopFlight?.();
    this.isChosen = true;
    this.#flyTo({ x, y, zoom: this.camera.zoom });
  }

  /** @param {number} factor zooms around the middle */
  zoomBy(factor) {
    this.camera.zoomAt(this.camera.width / 2, this.camera.height / 2, factor);
    this.moved();
  }

  /** @param {string | null} text a view from a link @returns {boolean} whether it was one */
  adopt(text) {
    this.isChosen = this.camera.fromText(text);
    if (this.isChosen) this.#change();
    return this.isChosen;
  }

  /** Says where the map is looked at from, to those who did not hear it. */
  tell() {
    this.callbacks.settled();
  }

  /** @param {{x: number, y: number, zoom: number}} target */
  #flyTo(target) {
    this.stopFlight = fly(this.camera, target, () => this.#change());
  }

  #change() {
    this.callbacks.changed();
    clearTimeout(this.settling);
    this.settling = setTimeout(this.callbacks.settled, SETTLED_MS);
  }

  #resize() {
    const { width, height } = this.host.getBoundingClientRect();
    this.camera.resize(width, height);
    this.callbacks.resized(Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO));
    if (this.isChosen) this.#change();
    else this.fit({ animate: false });
    this.callbacks.fitted();
  }

  /** The ratio changes when a window moves to another screen or is zoomed; each query fires once. */
  #followPixelRatio() {
    const query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener('change', () => {
      this.#resize();
      this.#followPixelRatio();
    }, { once: true, signal: this.stopping.signal });
  }
}
