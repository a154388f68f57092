/** The part of its image that shows an object large, with a little around it. Knows no document. */

import { regionAround } from '../search/image_box.mjs';

/** What shows this share of an image shows little more than the image does. */
const MOST = 0.8;

/** @typedef {[left: number, top: number, right: number, bottom: number]} Region in px of the image */

/**
 * @param {{box?: Region | null, payload: Record<string, any>}} point
 * @param {number} aspect of the frame that the picture is fitted into, width by height
 * @returns {Region | null} null if there is only the whole image: the point is that, or fills most of it, or its size is unknown
 */
export function objectRegion({ box, payload: { image_size_hw: sizeHw } }, aspect) {
  if (!box || !sizeHw) return null;
  const [left, top, right, bottom] = regionAround(box, sizeHw, aspect);
  const isMost = (right - left) * (bottom - top) > MOST * sizeHw[0] * sizeHw[1];
  return isMost ? null : [left, top, right, bottom];
}
