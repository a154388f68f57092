/** A box drawn on the inspector's image: what looks like that part of it is found. */

import { COMPONENT } from '../component_ids.mjs';
import { byId, closest } from '../elements.mjs';
import { send } from '../send.mjs';
import { ask } from '../server.mjs';
import { messageOf } from '../worklists/store.mjs';
import { boxInElement, boxInImage } from './image_box.mjs';

const CLEAR = '[data-box-search="clear"]';

/** @typedef {import('./image_box.mjs').Place} Place */

export class BoxSearch {
  /**
   * @param {object} page
   * @param {() => string | null} page.selectedId id of the point whose image is shown
   * @param {() => string} page.collection its name
   * @param {(id: string) => void} page.look shows a point, with its own neighbors
   * @param {(found: {id: string, box: number[]}) => void} page.find what looks like a box of its image
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
    this.#listen();
  }

  #listen() {
    const { image } = this;
    image.draggable = false;
    image.addEventListener('pointerdown', (event) => this.#press(event));
    image.addEventListener('pointermove', (event) => this.#draw(event));
    image.addEventListener('pointerup', (event) => void this.#release(event));
    image.addEventListener('pointercancel', () => this.#hide());
    image.addEventListener('load', () => { if (this.drawnFor !== this.page.selectedId()) this.#hide(); });
    window.addEventListener('resize', () => this.#hide());
    document.addEventListener('click', ({ target }) => { if (closest(target, CLEAR)) this.#clear(); });
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
    const box = boxInElement(this.start, this.#place(event), this.#fitted);
    this.frame.hidden = box === null;
    if (box === null) return null;
    const { left, top, right, bottom } = box;
    const [x, y] = [this.image.offsetLeft, this.image.offsetTop];
    Object.assign(this.frame.style, { left: `${x + left}px`, top: `${y + top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    return box;
  }

  get #fitted() {
    const { naturalWidth, naturalHeight, clientWidth: width, clientHeight: height } = this.image;
    return { naturalWidth, naturalHeight, width, height };
  }

  /** @param {PointerEvent} event */
  async #release(event) {
    const box = this.#draw(event);
    this.start = null;
    const id = this.page.selectedId();
    if (box === null || id === null) return;
    this.drawnFor = id;
    const fitted = this.#fitted;
    try {
      const path = `/collections/${encodeURIComponent(this.page.collection())}/points/${encodeURIComponent(id)}`;
      const { payload } = await ask(send, path);
      const size = payload.image_size_hw ?? [fitted.naturalHeight, fitted.naturalWidth];
      if (id === this.page.selectedId()) this.page.find({ id, box: boxInImage(box, fitted, size) });
    } catch (error) {
      this.page.say(messageOf(error));
    }
  }

  #clear() {
    this.#hide();
    const id = this.page.selectedId();
    if (id !== null) this.page.look(id);
  }

  #hide() {
    this.start = null;
    this.frame.hidden = true;
  }
}
