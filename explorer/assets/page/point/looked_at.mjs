/** Fills the inspector that Python lays out with the point that is looked at. */

import { COMPONENT } from '../component_ids.mjs';
import { isTyping } from '../dock_keys.mjs';
import { byId, within } from '../elements.mjs';
import { KEPT } from '../kept.mjs';
import { send } from '../send.mjs';
import { createRoot, h } from '../worklists/react.mjs';
import { ImageZoom } from './image_zoom.mjs';
import { objectRegion } from './object_region.mjs';
import { Picture } from './picture.mjs';
import { PointPayload, PointTitle, PointVerdict } from './point_panel.mjs';
import { PointStore } from './point_store.mjs';

/** Twice the panel's width, for screens with two device pixels per CSS pixel. */
const IMAGE_PX = 720;
const ZOOM_KEPT_AS = 'lookalike-zoom-to-object';
const TITLES = { choice: 'Show the whole image, or the object with a little around it (z)', whole: 'There is only the whole image to show' };
/** A frame whose form differs less shows what it showed. */
const OTHER_FORM = 0.1;
/** @type {Record<string, string>} */
const DRAWN = { object: 'the object outlined', all: 'every object outlined', none: 'nothing outlined' };

export class LookedAt {
  /** @param {import('../class_colors.mjs').ColorOf} colorOf */
  constructor(colorOf) {
    this.annotation = 'object';
    /** @type {import('./point_store.mjs').Point | null} the last answer; after another, a picture that failed is asked for again */
    this.shown = null;
    this.store = new PointStore(send);
    const props = { store: this.store, colorOf };
    createRoot(byId(COMPONENT.pointTitle)).render(h(PointTitle, props));
    createRoot(byId(COMPONENT.pointVerdict)).render(h(PointVerdict, props));
    createRoot(byId(COMPONENT.pointPayload)).render(h(PointPayload, props));
    this.store.subscribe(() => this.#show());
    this.button = /** @type {HTMLButtonElement} */ (within(byId(COMPONENT.pointContent), '.image-zoom'));
    this.button.addEventListener('click', () => this.zoom());
    document.addEventListener('keydown', (event) => this.#key(event));
    /** The object is what people judge; the whole image is shown to those who chose it. */
    this.isZoomed = KEPT.getItem(ZOOM_KEPT_AS) !== 'no';
    /** Whether there is more to show than the whole image. */
    this.hasChoice = true;
    this.image = /** @type {HTMLImageElement} */ (byId(COMPONENT.pointImage));
    this.picture = new Picture(this.image);
    this.imageZoom = new ImageZoom(this.picture, { looked: () => this.#looked, show: () => this.#show() });
    this.frame = within(byId(COMPONENT.pointContent), '.image-place');
    /** Width by height of the frame; kept while it is not on the screen. */
    this.aspect = 1;
    new ResizeObserver(() => this.#fit()).observe(this.frame);
  }

  /** The key means the image wherever the focus is, if the image is in view. @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'z' || isTyping(event) || document.querySelector('dialog[open]')) return;
    if (this.button.checkVisibility()) this.zoom();
  }

  /** Shows the whole image, or the object with a little around it if the whole is shown; the browser keeps which. */
  zoom() {
    if (this.store.state.id === null || this.button.disabled) return;
    if (this.hasChoice) {
      this.isZoomed = this.button.getAttribute('aria-pressed') === 'true';
      KEPT.setItem(ZOOM_KEPT_AS, this.isZoomed ? 'yes' : 'no');
    }
    this.imageZoom.forget();
    this.#show();
  }

  /** What can be zoomed: the point that is looked at, if the size of its image is known. */
  get #looked() {
    const { id, point } = this.store.state;
    const sizeHw = point?.payload.image_size_hw;
    return id !== null && point?.id === id && sizeHw ? { id, sizeHw } : null;
  }

  /** @param {any} point @returns {ReturnType<typeof objectRegion>} the part of the image that shows the object; null if that is all of it */
  #regionOf(point) {
    this.aspect = this.#aspect;
    return objectRegion(point, this.aspect);
  }

  get #aspect() {
    const { clientWidth, clientHeight } = this.frame;
    return clientHeight > 0 ? clientWidth / clientHeight : this.aspect;
  }

  /** A frame of another form shows another part of the image. */
  #fit() {
    if (Math.abs(this.#aspect / this.aspect - 1) > OTHER_FORM) this.#show();
  }

  /** @param {string} annotation what is drawn into the image: "object", "all" or "none" */
  annotate(annotation) {
    this.annotation = annotation;
    this.#show();
  }

  /** Asks now for what is shown of the point that comes next. @param {string} id */
  async askAhead(id) {
    const answer = this.store.askAhead(id);
    const point = this.isZoomed ? await answer : null;
    if (this.isZoomed && point === null) return; // it is not known where the object is
    new Image().src = this.store.imageUrl(this.annotation, IMAGE_PX, point && this.#regionOf(point), id);
  }

  /** Which of the inspector's two faces is seen, and the image in it. */
  #show() {
    const { id, point, fault } = this.store.state;
    byId(COMPONENT.pointContent).hidden = id === null;
    byId(COMPONENT.pointContent).classList.toggle('is-missing', fault !== '');
    byId(COMPONENT.pointEmpty).hidden = id !== null;
    if (id !== this.imageZoom.chosen?.id) this.imageZoom.forget();
    if (id === null || this.store.collection === '') return;
    if (point?.id === id) this.#showPoint(point);
    else if (!this.isZoomed) this.#showImage(point, null); // else it is not known yet where the object is
  }

  /** @param {any} point that is looked at */
  #showPoint(point) {
    const object = this.#regionOf(point);
    const chosen = this.imageZoom.of(point.id);
    const region = chosen === undefined && this.isZoomed ? object : chosen ?? null;
    this.hasChoice = object !== null;
    this.button.disabled = object === null && region === null;
    this.button.title = this.button.disabled ? TITLES.whole : TITLES.choice;
    this.button.setAttribute('aria-pressed', String(region === null));
    this.#showImage(point, region);
  }

  /**
   * @param {import('./point_store.mjs').Point | null} point that is known, maybe an older one
   * @param {ReturnType<typeof objectRegion>} region
   */
  #showImage(point, region) {
    const id = /** @type {string} */ (this.store.state.id);
    const url = this.store.imageUrl(this.annotation, IMAGE_PX, region);
    const isAnew = point !== this.shown && this.image.dataset.failed !== undefined;
    this.shown = point;
    const part = this.imageZoom.of(id) ? ', a part of it,' : ' around its object';
    const alt = `The selected point's image${region ? part : ''} with ${DRAWN[this.annotation]}`;
    if (this.picture.url !== url || isAnew) void this.picture.show(url, { id, region, alt });
  }
}
