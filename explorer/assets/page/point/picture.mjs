/** The inspector's picture. The next one takes its place once it has come, together with what it shows. */

import { Store } from '../worklists/store.mjs';
import { stretchTo, wholeOf } from './region_zoom.mjs';

/** @typedef {import('./object_region.mjs').Region} Region */

/**
 * What is on the screen: of which point, and which part of its image; null for all of it.
 * @typedef {{id: string, region: Region | null, naturalWidth: number, naturalHeight: number}} Seen
 */

/** @extends {Store<{seen: Seen | null}>} */
export class Picture extends Store {
  /** @param {HTMLImageElement} image */
  constructor(image) {
    super({ seen: null });
    this.image = image;
    /** What was asked for last. */
    this.url = '';
    /** @type {HTMLImageElement | null} what loads it */
    this.next = null;
    /** @type {Seen | null} what `image` holds, which may be stretched */
    this.held = null;
  }

  /**
   * @param {string} url
   * @param {{id: string, region: Region | null, alt: string}} about
   */
  async show(url, { id, region, alt }) {
    const next = new Image();
    Object.assign(this, { next, url });
    next.src = url;
    const isThere = await next.decode().then(() => true, () => false);
    if (this.next !== next) return; // another one was asked for meanwhile
    const { image } = this;
    image.src = url;
    image.alt = alt;
    image.style.transform = '';
    this.held = isThere ? { id, region, naturalWidth: next.naturalWidth, naturalHeight: next.naturalHeight } : null;
    this.#tell(this.held);
  }

  /**
   * Stretches what is there, until the picture of that part is asked for and has come.
   * @param {Region | null} region null for all
   * @param {import('./region_zoom.mjs').SizeHw} sizeHw of the image
   */
  stretch(region, sizeHw) {
    const { held, image } = this;
    if (held === null) return;
    Object.assign(this, { next: null, url: '' });
    const whole = wholeOf(sizeHw);
    const [left, top, right, bottom] = region ?? whole;
    const { scale, x, y } = stretchTo(held.region ?? whole, region ?? whole, { width: image.clientWidth, height: image.clientHeight });
    image.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.#tell({ id: held.id, region, naturalWidth: right - left, naturalHeight: bottom - top });
  }

  /** @param {Seen | null} seen */
  #tell(seen) {
    if (seen?.region) this.image.dataset.region = seen.region.join(',');
    else delete this.image.dataset.region;
    this.set({ seen });
  }
}
