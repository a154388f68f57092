/** Fills the inspector that Python lays out with the point that is looked at. */

import { COMPONENT } from '../component_ids.mjs';
import { byId, closest, within } from '../elements.mjs';
import { TEXT_FIELDS } from '../inspector.mjs';
import { regionAround } from '../search/image_box.mjs';
import { send } from '../send.mjs';
import { createRoot, h } from '../worklists/react.mjs';
import { PointPayload, PointTitle, PointVerdict } from './point_panel.mjs';
import { PointStore } from './point_store.mjs';

/** Twice the panel's width, for screens with two device pixels per CSS pixel. */
const IMAGE_PX = 720;
const ZOOM_KEPT_AS = 'lookalike-zoom-to-object';
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
    this.isZoomed = localStorage.getItem(ZOOM_KEPT_AS) === 'yes';
  }

  /** The key means the image wherever the focus is, if the image is in view. @param {KeyboardEvent} event */
  #key({ key, target, ctrlKey, metaKey, altKey }) {
    if (key !== 'z' || ctrlKey || metaKey || altKey || closest(target, TEXT_FIELDS) || document.querySelector('dialog[open]')) return;
    if (this.button.checkVisibility()) this.zoom();
  }

  /** Shows the object with a little around it, or the whole image again; the browser keeps which. */
  zoom() {
    if (this.store.state.id === null || this.button.disabled) return;
    this.isZoomed = !this.isZoomed;
    localStorage.setItem(ZOOM_KEPT_AS, this.isZoomed ? 'yes' : 'no');
    this.#show();
  }

  /** @returns {[number, number, number, number] | null} the part of the image that is shown; null for all of it */
  #region() {
    const { box, payload } = /** @type {any} */ (this.store.state.point);
    if (!box || !payload.image_size_hw) return null;
    const { clientWidth, clientHeight } = byId(COMPONENT.pointImage);
    return regionAround(box, payload.image_size_hw, clientWidth / clientHeight || 1);
  }

  /** @param {string} annotation what is drawn into the image: "object", "all" or "none" */
  annotate(annotation) {
    this.annotation = annotation;
    this.#show();
  }

  /** Asks now for what is shown of the point that comes next. @param {string} id */
  askAhead(id) {
    this.store.askAhead(id);
    if (!this.isZoomed) new Image().src = this.store.imageUrl(this.annotation, IMAGE_PX, null, id);
  }

  /** Which of the inspector's two faces is seen, and the image in it. */
  #show() {
    const { id, point, fault } = this.store.state;
    byId(COMPONENT.pointContent).hidden = id === null;
    byId(COMPONENT.pointContent).classList.toggle('is-missing', fault !== '');
    byId(COMPONENT.pointEmpty).hidden = id !== null;
    if (id === null || this.store.collection === '') return;
    const isThere = point?.id === id;
    if (isThere) this.#offerZoom(point);
    if (isThere || !this.isZoomed) this.#showImage(point); // else it is not known yet where the object is
  }

  /** @param {any} point */
  #offerZoom({ box, payload }) {
    this.button.setAttribute('aria-pressed', String(this.isZoomed));
    within(byId(COMPONENT.pointContent), '.point-frame').classList.toggle('is-zoomed', this.isZoomed);
    this.button.disabled = !box || !payload.image_size_hw;
  }

  /** @param {import('./point_store.mjs').Point | null} point that is known, maybe an older one */
  #showImage(point) {
    const image = /** @type {HTMLImageElement} */ (byId(COMPONENT.pointImage));
    const region = this.isZoomed ? this.#region() : null;
    if (region) image.dataset.region = region.join(',');
    else delete image.dataset.region;
    const url = this.store.imageUrl(this.annotation, IMAGE_PX, region);
    const isAnew = point !== this.shown && image.dataset.failed !== undefined;
    this.shown = point;
    if (image.getAttribute('src') !== url || isAnew) image.src = url;
    image.alt = `The selected point's image${region ? ' around its object' : ''} with ${DRAWN[this.annotation]}`;
  }
}
