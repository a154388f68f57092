/** The card beside the pointer: the crop of the point under it, its class and its suspect score. */

import { span } from './elements.mjs';

const OFFSET_PX = 16;
const CROP_SIZE_PX = 128;
/** Scores are ranks: only the top tenth is worth a word. */
const MENTIONED_SCORE = 0.9;

export class HoverCard {
  /** @param {HTMLElement} element positioned inside the map */
  constructor(element) {
    this.element = element;
  }

  /**
   * @param {{cropUrl: string, className: string, color: string, score: number | null}} point
   * @param {number} px of the pointer, within the map
   * @param {number} py
   */
  show({ cropUrl, className, color, score }, px, py) {
    const crop = new Image(CROP_SIZE_PX, CROP_SIZE_PX);
    crop.alt = '';
    crop.src = cropUrl;
    const swatch = span('swatch', '');
    swatch.style.setProperty('--swatch', color);
    const caption = span('hover-caption', '');
    caption.append(swatch, span('card-class', className));
    if (score !== null && score >= MENTIONED_SCORE) caption.append(span('card-score', `suspect ${score.toFixed(2)}`));
    this.element.replaceChildren(crop, caption);
    this.element.hidden = false;
    this.#place(px, py);
  }

  hide() {
    this.element.hidden = true;
  }

  /**
   * Beside the pointer, on the side where there is room.
   * @param {number} px
   * @param {number} py
   */
  #place(px, py) {
    const { offsetWidth: width, offsetHeight: height, offsetParent: map } = this.element;
    if (!map) return; // hidden
    const left = px + OFFSET_PX + width <= map.clientWidth ? px + OFFSET_PX : px - OFFSET_PX - width;
    const top = Math.min(Math.max(py - height / 2, 8), map.clientHeight - height - 8);
    this.element.style.translate = `${Math.max(8, left)}px ${top}px`;
  }
}
