/** Rows that are drawn last, so that nothing hides what people look for. */

import { NO_SCORE } from './columns.mjs';

const SHARE = 0.02;
const FEWEST = 10;
/** More of them cost a frame time that the map below needs. */
const MOST = 20_000;

/**
 * @param {Uint8Array} bytes a value per row, 255 for none
 * @param {(value: number) => number} placeOf place on the ramp of a value 0 to 1; what deserves a look has the highest
 * @returns {Uint32Array<ArrayBuffer>} the highest fiftieth of the rows; fewer if too many of them are equal
 */
export function topRows(bytes, placeOf) {
  const most = Math.min(MOST, Math.max(FEWEST, Math.floor(bytes.length * SHARE)));
  const counts = new Uint32Array(NO_SCORE);
  for (const byte of bytes) if (byte !== NO_SCORE) counts[byte] += 1;
  const order = Array.from(counts.keys()).sort((a, b) => placeOf(b / (NO_SCORE - 1)) - placeOf(a / (NO_SCORE - 1)));
  const isTop = new Uint8Array(NO_SCORE + 1);
  let nTop = 0;
  for (const byte of order) {
    if (nTop + counts[byte] > most) break;
    nTop += counts[byte];
    isTop[byte] = 1;
  }
  const rows = new Uint32Array(nTop);
  for (let row = 0, k = 0; k < nTop; row++) if (isTop[bytes[row]]) rows[k++] = row;
  return rows;
}
