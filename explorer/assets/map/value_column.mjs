/**
 * A column of a map as the api sends it: a value per row, which dots are coloured by.
 *
 * Little endian. A header of 16 bytes: the magic "LKC1", then uint32 rows, bytes per value, length of the words. Then
 * the words, which are JSON, and the values: uint8 of a number (255 for none) or uint16 of a category (65535 for none).
 */

const MAGIC = 'LKC1';
const HEADER_BYTES = 16;

/**
 * @typedef {object} ColumnInfo what the values mean
 * @property {string} name
 * @property {'number' | 'category'} kind
 * @property {{name: string, count: number}[]} categories
 * @property {string | null} least moment of the value 0, if values are moments
 * @property {string | null} greatest
 */

/**
 * @param {ArrayBuffer} body
 * @param {number} nRows of the map that the column is for
 * @returns {{info: ColumnInfo, values: Uint8Array | Uint16Array}}
 * @throws {Error} if it is no column of this map
 */
export function parseColumn(body, nRows) {
  const magic = String.fromCharCode(...new Uint8Array(body, 0, Math.min(4, body.byteLength)));
  if (magic !== MAGIC) throw new Error(`not a column of a map: it starts with "${magic}", not "${MAGIC}"; reload the page`);
  const head = new DataView(body);
  const [count, width, nWords] = [4, 8, 12].map((place) => head.getUint32(place, true));
  if (count !== nRows) throw new Error(`the colours are of ${count} points, the map has ${nRows}; reload the page`);
  const info = JSON.parse(new TextDecoder().decode(new Uint8Array(body, HEADER_BYTES, nWords)));
  const Values = width === 2 ? Uint16Array : Uint8Array;
  return { info, values: new Values(body, HEADER_BYTES + nWords, count) };
}
