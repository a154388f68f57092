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
/** How much more of the image a key shows. @type {Record<string, number>} */
const ZOOMS = { '+': 1 / 1.3, '=': 1 / 1.3, '-': 1.3 };
/** More objects of one image are not looked through. */
const MOST_OBJECTS = 1000;

/** @typedef {import('./image_box.mjs').Place} Place */
/** @typedef {import('../point/picture.mjs').Seen} Seen */

export class BoxSearch {
  /**
   * @param {object} page
   * @param {() => string | null} page.selectedId
   * @param {import('../point/picture.mjs').Picture} page.picture of the point, or still of the one before
   * @param {(factor: number, place?: [number, number]) => void} page.zoom the image, around a place in its frame
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
    /** @type {Seen | null} on the screen when the last box or click was begun */
    this.seen = null;
    /** Number of the last press; the object of a click before it that is known late is not opened. */
    this.nPresses = 0;
    page.picture.subscribe(() => this.#follow());
    this.#listen();
  }

  #listen() {
    const { image } = this;
    image.draggable = false;
    image.addEventListener('pointerdown', (event) => this.#press(event));
    image.addEventListener('pointermove', (event) => this.#draw(event));
    image.addEventListener('pointerup', (event) => void this.#release(event));
    image.addEventListener('pointercancel', () => this.hide());
    image.addEventListener('keydown', (event) => this.#key(event));
    window.addEventListener('resize', () => this.hide());
    document.addEventListener('click', ({ target }) => { if (closest(target, CLEAR)) this.#clear(); });
  }

  /** A box lies where it was drawn only while the same part of the image is shown. */
  #follow() {
    const { seen } = this.page.picture.state;
    if (seen?.id !== this.seen?.id || String(seen?.region) !== String(this.seen?.region)) this.hide();
    this.seen = seen;
  }

  /** @param {PointerEvent} event @returns {Place} */
  #place({ clientX, clientY }) {
    const { left, top } = /** @type {HTMLElement} */ (this.image.parentElement).getBoundingClientRect(); // the image may be stretched
    return [clientX - left, clientY - top];
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (!event.isPrimary) this.hide(); // two fingers zoom the image, whatever one of them drew before
    if (!event.isPrimary || event.button !== 0 || event.shiftKey || !this.#isThere) return;
    event.preventDefault();
    this.nPresses += 1;
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
    Object.assign(this.frame.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    return box;
  }

  /** Arrow keys begin a box in the middle, then move it; with Shift its corner. Enter searches, plus and minus zoom. @param {KeyboardEvent} event */
  #key(event) {
    const isMeant = !event.ctrlKey && !event.metaKey && !event.altKey && this.#isThere;
    if (isMeant && this.#act(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key meant something */
  #act(event) {
    if (event.key.startsWith('Arrow')) this.#show(this.box === null ? middleBox(this.#fitted) : boxAfterKey(this.box, event, this.#fitted));
    else if (event.key in ZOOMS) this.page.zoom(ZOOMS[event.key], this.#middle);
    else if (event.key === 'Enter' && this.box !== null) void this.#find(this.box);
    else if (event.key === 'Escape' && this.box !== null) this.#clear();
    else return false;
    return true;
  }

  /** Whether the picture on the screen is that of the point that is looked at, not still of the one before. */
  get #isThere() {
    return this.seen !== null && this.seen.id === this.page.selectedId();
  }

  get #fitted() {
    const { naturalWidth, naturalHeight } = this.seen ?? { naturalWidth: 1, naturalHeight: 1 };
    return { naturalWidth, naturalHeight, width: this.image.clientWidth, height: this.image.clientHeight };
  }

  /** @returns {Place | undefined} where a box was drawn, as shares of the frame */
  get #middle() {
    if (this.box === null) return undefined;
    const { left, top, right, bottom } = this.box;
    return [(left + right) / 2 / this.image.clientWidth, (top + bottom) / 2 / this.image.clientHeight];
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
    const { nPresses } = this;
    const shown = this.#shown;
    const path = `/collections/${encodeURIComponent(this.page.collection())}/points`;
    try {
      const { payload } = await ask(send, `${path}/${encodeURIComponent(id)}`);
      const place = placeInImage(click, shown.fitted, this.#regionOf(payload, shown));
      if (place === null) return;
      const sameImage = { image_name: [payload.image_name], dataset: [payload.dataset ?? ''], instance: ['object'], limit: MOST_OBJECTS };
      const { points } = await ask(send, path, asJson(sameImage));
      const isThere = (/** @type {any} */ one) => one.payload.image_key === payload.image_key && one.payload.source_key === payload.source_key;
      const found = objectAt(points.filter(isThere), place);
      if (found !== null && found.id !== id && id === this.page.selectedId() && nPresses === this.nPresses) this.page.look(found.id);
    } catch (error) {
      this.page.say(messageOf(error));
    }
  }

  /** What is seen at the moment of a click; it may change while the api is asked. */
  get #shown() {
    return { fitted: this.#fitted, region: this.seen?.region };
  }

  /** @param {any} payload @param {{fitted: import('./image_box.mjs').Fitted, region?: Seen['region']}} shown @returns {[number, number, number, number]} the part of the image that is shown */
  #regionOf(payload, { fitted, region }) {
    const [height, width] = payload.image_size_hw ?? [fitted.naturalHeight, fitted.naturalWidth];
    return region ?? [0, 0, width, height];
  }

  /** @param {import('./image_box.mjs').Box} box */
  async #find(box) {
    const id = this.page.selectedId();
    if (id === null) return;
    const shown = this.#shown;
    try {
      const path = `/collections/${encodeURIComponent(this.page.collection())}/points/${encodeURIComponent(id)}`;
      const { payload } = await ask(send, path);
      if (box === this.box && id === this.page.selectedId()) this.page.find({ id, box: boxInImage(box, shown.fitted, this.#regionOf(payload, shown)) });
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
