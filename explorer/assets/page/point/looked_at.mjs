/** Fills the inspector that Python lays out with the point that is looked at. */

import { COMPONENT } from '../component_ids.mjs';
import { byId } from '../elements.mjs';
import { send } from '../send.mjs';
import { createRoot, h } from '../worklists/react.mjs';
import { PointPayload, PointTitle, PointVerdict } from './point_panel.mjs';
import { PointStore } from './point_store.mjs';

/** Twice the panel's width, for screens with two device pixels per CSS pixel. */
const IMAGE_PX = 720;
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
  }

  /** @param {string} annotation what is drawn into the image: "object", "all" or "none" */
  annotate(annotation) {
    this.annotation = annotation;
    this.#show();
  }

  /** Which of the inspector's two faces is seen, and the image in it. */
  #show() {
    const { id, point, fault } = this.store.state;
    byId(COMPONENT.pointContent).hidden = id === null;
    byId(COMPONENT.pointContent).classList.toggle('is-missing', fault !== '');
    byId(COMPONENT.pointEmpty).hidden = id !== null;
    if (id === null || this.store.collection === '') return;
    const image = /** @type {HTMLImageElement} */ (byId(COMPONENT.pointImage));
    const url = this.store.imageUrl(this.annotation, IMAGE_PX);
    const isAnew = point !== this.shown && image.dataset.failed !== undefined;
    this.shown = point;
    if (image.getAttribute('src') !== url || isAnew) image.src = url;
    image.alt = `The selected point's image with ${DRAWN[this.annotation]}`;
  }
}
