/** Zooms the inspector's image by the wheel or two fingers, which move it too, as dragging with Shift does. */

import { Fingers } from './fingers.mjs';
import { inPixels, movedRegion, regionAfterPinch, regionAfterZoom, wholeOf } from './region_zoom.mjs';

/** @typedef {import('./object_region.mjs').Region} Region */

const WHEEL_ZOOM_PER_PX = 0.0015;
/** Two fingers on a touchpad come as a wheel with Ctrl, and in small steps. */
const PINCH_ZOOM_PER_PX = 0.01;
const PIXELS_PER_LINE = 16;
/** The picture is asked for when nobody has zoomed or moved it for so long. */
const PAUSE_MS = 120;

export class ImageZoom {
  /**
   * @param {import('./picture.mjs').Picture} picture
   * @param {object} point
   * @param {() => {id: string, sizeHw: import('./region_zoom.mjs').SizeHw} | null} point.looked at; null while that, or its size, is unknown
   * @param {() => void} point.show asks for the picture of what `of` gives
   */
  constructor(picture, point) {
    this.picture = picture;
    this.point = point;
    /** @type {{id: string, region: Region | null} | null} what somebody chose to see of a point; a region of null is all of it */
    this.chosen = null;
    /** @type {[number, number] | null} where the pointer was, while it moves the image */
    this.hold = null;
    this.timer = 0;
    const { image } = picture;
    this.frame = /** @type {HTMLElement} */ (image.parentElement);
    this.frame.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    new Fingers(this.frame, (before, now) => this.#pinch(before, now));
    image.addEventListener('pointerdown', (event) => this.#press(event));
    image.addEventListener('pointermove', (event) => this.#drag(event));
    for (const end of ['pointerup', 'pointercancel']) image.addEventListener(end, () => { this.hold = null; });
  }

  /** @param {string} id @returns {Region | null | undefined} the part to show; undefined if nobody chose one */
  of(id) {
    const region = this.chosen?.id === id ? this.chosen.region : undefined;
    return region && inPixels(region);
  }

  forget() {
    clearTimeout(this.timer);
    this.chosen = null;
  }

  /** What is shown and may be zoomed; null while that is not on the screen yet. */
  get #shown() {
    const { seen } = this.picture.state;
    const looked = this.point.looked();
    if (looked === null || seen === null || seen.id !== looked.id) return null;
    const { width, height } = this.frame.getBoundingClientRect();
    const chosen = this.chosen?.id === looked.id ? this.chosen.region : seen.region; // the exact one, not that in whole pixels
    return { ...looked, region: chosen ?? wholeOf(looked.sizeHw), isWhole: chosen === null, aspect: width / height, width, height };
  }

  /**
   * @param {number} factor above 1 shows more of the image
   * @param {[number, number]} [place] in the frame that stays where it is, as shares of its width and height
   * @returns {boolean} whether there is more or less to show
   */
  by(factor, place = [0.5, 0.5]) {
    const shown = this.#shown;
    if (shown === null) return false;
    const region = regionAfterZoom(shown.region, place, factor, shown.sizeHw, shown.aspect);
    if (region === null && shown.isWhole) return false;
    this.#choose(shown, region);
    return true;
  }

  /** The wheel zooms; at the whole image it scrolls the panel instead. @param {WheelEvent} event */
  #wheel(event) {
    if (event.deltaY === 0) return;
    const deltaPx = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? PIXELS_PER_LINE : 1);
    const factor = Math.exp(deltaPx * (event.ctrlKey ? PINCH_ZOOM_PER_PX : WHEEL_ZOOM_PER_PX));
    if (this.by(factor, this.#shareOf([event.clientX, event.clientY])) || event.ctrlKey) event.preventDefault();
  }

  /** @param {import('./fingers.mjs').Grip} before @param {import('./fingers.mjs').Grip} now */
  #pinch(before, now) {
    const shown = this.#shown;
    if (shown === null) return;
    const [start, end] = [before, now].map(({ middle, spread }) => ({ middle: this.#shareOf(middle), spread }));
    const region = regionAfterPinch(shown.region, start, end, shown.sizeHw, shown.aspect);
    if (region !== null || !shown.isWhole) this.#choose(shown, region);
  }

  /** @param {[number, number]} place in the window @returns {[number, number]} in the frame, as shares of its width and height */
  #shareOf([x, y]) {
    const { width, height, left, top } = this.frame.getBoundingClientRect();
    return [(x - left) / width, (y - top) / height];
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0 || !event.shiftKey) return;
    event.preventDefault();
    this.picture.image.setPointerCapture(event.pointerId);
    this.hold = [event.clientX, event.clientY];
  }

  /** @param {PointerEvent} event */
  #drag({ clientX, clientY }) {
    const shown = this.#shown;
    if (this.hold === null || shown === null || shown.isWhole) return;
    const shift = /** @type {[number, number]} */ ([(clientX - this.hold[0]) / shown.width, (clientY - this.hold[1]) / shown.height]);
    this.hold = [clientX, clientY];
    this.#choose(shown, movedRegion(shown.region, shift, shown.sizeHw, shown.aspect));
  }

  /** @param {{id: string, sizeHw: import('./region_zoom.mjs').SizeHw}} point @param {Region | null} region */
  #choose({ id, sizeHw }, region) {
    this.chosen = { id, region };
    this.picture.stretch(region && inPixels(region), sizeHw);
    clearTimeout(this.timer);
    this.timer = setTimeout(this.point.show, PAUSE_MS);
  }
}
