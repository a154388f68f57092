/** The class below a crop: in full if it fits, else without its middle; never cut at its end. Knows no document. */

import { shortNameAmong, withoutMiddle } from '../../map/short_names.mjs';
import { classLabel, isolated } from '../worklists/names.mjs';

/** Pixels of an ordinary letter; a name of wider ones keeps fewer. */
const LETTER_PX = 7;
/** Letters that say something: two ends and what stands for the middle. */
const FEWEST_LETTERS = 3;

/**
 * @param {string[]} classes of the collection
 * @param {string | null} shown class
 * @param {string | null} suggested class; the caption has it if there is room for both
 * @param {number} roomPx
 * @param {(text: string) => number} widthOf in pixels
 * @returns {string}
 */
export function captionOf(classes, shown, suggested, roomPx, widthOf) {
  const name = classLabel(shown);
  const both = suggested === null ? '' : `${isolated(name)} → ${isolated(suggested)}`;
  if (both !== '' && widthOf(both) <= roomPx) return both;
  const most = Math.ceil(roomPx / LETTER_PX);
  for (let longest = most; longest >= FEWEST_LETTERS; longest--) {
    const short = shortNameAmong(classes, name, longest);
    if (widthOf(short) <= roomPx) return short;
    if (short.length > longest) break; // told apart from another one only in full
  }
  let alone = name;
  for (let longest = most; longest >= FEWEST_LETTERS && widthOf(alone) > roomPx; longest--) alone = withoutMiddle(name, longest);
  return alone;
}
