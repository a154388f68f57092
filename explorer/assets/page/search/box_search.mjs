/** The inspector's image: a box drawn on it finds what looks like that part, and a click opens the object there. */

import { COMPONENT } from '../component_ids.mjs';
import { byId, closest } from '../elements.mjs';
import { send } from '../send.mjs';
import { ask, asJson } from '../server.mjs';
import { messageOf } from '../worklists/store.mjs';
import { boxAfterKey, boxInElement, boxInImage, middleBox, objectAt, placeInImage } from './image_box.mjs';

const CLEAR = '[data-box-search="clear"]';
/** A press that moves less than this is a click. */
const CLICK_SLOP_PX = 4;
/** More objects of one image are not looked through. */
const MOST_OBJECTS = 1000;

/** @typedef {import('./image_box.mjs').Place} Place */

export class BoxSearch {
  /**
   * @param {object} page
   * @param {() => string | null} page.selectedId id of the point whose image is shown
   * @param {() => string} page.collection its name
   * @param {(id: string) => void} page.look shows a point, with its own neighbors
   * @param {(found: {id: string, box: [number, number, number, number]}) => void} page.find what looks like a box of its image
   * @param {(text: string) => void} page.say
   */
  constructor(page) {
    this.page = page;
    this.image = /** @type {HTMLImageElement} */ (byId(COMPONENT.pointImage));
    this.frame = document.createElement('div');
    Object.assign(this.frame, { className: 'image-box', hidden: true });
    this.image.after(this.frame);
    /** @type {Place | null} where a drag began */
    this.start = null;
    /** @type {import('./image_box.mjs').Box | null} what is drawn */
    this.box = null;
    /** @type {string | undefined} the part of the image that is shown; all of it if undefined */
    this.region = undefined;
    this.#listen();
  }

  #listen() {
    const { image } = this;
    image.draggable = false;
    image.addEventListener('pointerdown', (event) => this.#press(event));
    image.addEventListener('pointermove', (event) => this.#draw(event));
    image.addEventListener('pointerup', (event) => void this.#release(event));
    image.addEventListener('load', () => this.#followRegion());
    image.addEventListener('pointercancel', () => this.hide());
    image.addEventListener('keydown', (event) => this.#key(event));
    window.addEventListener('resize', () => this.hide());
    document.addEventListener('click', ({ target }) => { if (closest(target, CLEAR)) this.#clear(); });
  }

  /** A box lies where it was drawn only while the same part of the image is shown. */
  #followRegion() {
    if (this.image.dataset.region !== this.region) this.hide();
    this.region = this.image.dataset.region;
  }

  /** @param {PointerEvent} event @returns {Place} */
  #place({ clientX, clientY }) {
    const { left, top } = this.image.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0 || this.image.naturalWidth === 0) return;
    event.preventDefault();
    this.image.setPointerCapture(event.pointerId);
    this.start = this.#place(event);
  }

  /** @param {PointerEvent} event @returns {ReturnType<typeof boxInElement>} */
  #draw(event) {
    if (this.start === null) return null;
    return this.#show(boxInElement(this.start, this.#place(event), this.#fitted));
  }

  /** @param {import('./image_box.mjs').Box | null} box */
  #show(box) {
    this.box = box;
    this.frame.hidden = box === null;
    if (box === null) return null;
    const { left, top, right, bottom } = box;
    const [x, y] = [this.image.offsetLeft, this.image.offsetTop];
    Object.assign(this.frame.style, { left: `${x + left}px`, top: `${y + top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    return box;
  }

  /** Arrow keys begin a box in the middle, then move it; with Shift its corner. Enter searches. @param {KeyboardEvent} event */
  #key(event) {
    const isMeant = !event.ctrlKey && !event.metaKey && !event.altKey && this.image.naturalWidth > 0;
    if (isMeant && this.#act(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key meant something */
  #act(event) {
    if (event.key.startsWith('Arrow')) this.#show(this.box === null ? middleBox(this.#fitted) : boxAfterKey(this.box, event, this.#fitted));
    else if (event.key === 'Enter' && this.box !== null) void this.#find(this.box);
    else if (event.key === 'Escape' && this.box !== null) this.#clear();
    else return false;
    return true;
  }

  get #fitted() {
    const { naturalWidth, naturalHeight, clientWidth: width, clientHeight: height } = this.image;
    return { naturalWidth, naturalHeight, width, height };
  }

  /** @param {PointerEvent} event */
  async #release(event) {
    const { start } = this;
    const [x, y] = this.#place(event);
    const box = this.#draw(event);
    this.start = null;
    if (box !== null) await this.#find(box);
    else if (start !== null && Math.hypot(x - start[0], y - start[1]) < CLICK_SLOP_PX) await this.#open([x, y]);
  }

  /** Shows the object there, if it is another one. @param {Place} click */
  async #open(click) {
    const id = this.page.selectedId();
    if (id === null) return;
    const { fitted, region } = this.#seen;
    const path = `/collections/${encodeURIComponent(this.page.collection())}/points`;
    try {
      const { payload } = await ask(send, `${path}/${encodeURIComponent(id)}`);
      const place = placeInImage(click, fitted, this.#regionOf(payload, region));
      if (place === null) return;
      const sameImage = { image_name: [payload.image_name], dataset: [payload.dataset ?? ''], instance: ['object'], limit: MOST_OBJECTS };
      const { points } = await ask(send, path, asJson(sameImage));
      const isThere = (/** @type {any} */ one) => one.payload.image_key === payload.image_key && one.payload.source_key === payload.source_key;
      const found = objectAt(points.filter(isThere), place);
      if (found !== null && found.id !== id && id === this.page.selectedId()) this.page.look(found.id);
    } catch (error) {
      this.page.say(messageOf(error));
    }
  }

  /** What is seen at the moment of a click; it may change while the api is asked. */
  get #seen() {
    return { fitted: this.#fitted, region: this.image.dataset.region };
  }

  /** @param {any} payload @param {string | undefined} region @returns {[number, number, number, number]} the part of the image that is shown */
  #regionOf(payload, region) {
    if (region) return /** @type {any} */ (region.split(',').map(Number));
    const [height, width] = payload.image_size_hw ?? [this.image.naturalHeight, this.image.naturalWidth];
    return [0, 0, width, height];
  }

  /** @param {import('./image_box.mjs').Box} box */
  async #find(box) {
    const id = this.page.selectedId();
    if (id === null) return;
    const { fitted, region } = this.#seen;
    try {
      const path = `/collections/${encodeURIComponent(this.page.collection())}/points/${encodeURIComponent(id)}`;
      const { payload } = await ask(send, path);
      if (box === this.box && id === this.page.selectedId()) this.page.find({ id, box: boxInImage(box, fitted, this.#regionOf(payload, region)) });
    } catch (error) {
      this.page.say(messageOf(error));
    }
  }

  #clear() {
    this.hide();
    const id = this.page.selectedId();
    if (id !== null) this.page.look(id);
  }

  /** No box is searched for any more. */
  hide() {
    this.start = null;
    this.#show(null);
  }
}
