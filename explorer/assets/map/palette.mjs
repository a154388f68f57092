/** Colours as the shaders read them: one texel per class or category, and a ramp of 256 texels for numbers. */

export const TEXTURE_WIDTH = 256;

/** @param {string} hex "#rrggbb" @returns {[number, number, number]} bytes */
export function parseHex(hex) {
  const byte = (/** @type {number} */ start) => parseInt(hex.slice(start, start + 2), 16);
  return [byte(1), byte(3), byte(5)];
}

/**
 * @param {string[]} colors one per class
 * @param {Uint8Array} visible one per class: 0 makes it recede
 * @returns {Uint8Array} RGBA, TEXTURE_WIDTH texels a row; alpha 0 makes the class recede
 */
export function classTexels(colors, visible) {
  const rows = Math.max(1, Math.ceil(colors.length / TEXTURE_WIDTH));
  const texels = new Uint8Array(rows * TEXTURE_WIDTH * 4);
  colors.forEach((color, index) => {
    texels.set(parseHex(color), index * 4);
    texels[index * 4 + 3] = visible[index] ? 255 : 0;
  });
  return texels;
}

/**
 * Place on the ramp, 0 to 1, of a value 0 to 1 of a column; what deserves a look lies at the upper end.
 *
 * Suspect scores are ranks, so as many points score above 0.9 as below 0.1. The power leaves colour to the top few.
 * Flat maps keep few neighbors (.40 on average of the sample's 1,797 points), so the square leaves colour to the worst.
 * Outlier scores are ranks, too. Times of edit lie along the ramp as they are.
 * @type {Record<string, (value: number) => number>}
 */
export const RAMP_PLACES = {
  score: (score) => score ** 6,
  trust: (trust) => (1 - trust) ** 2,
  outlier: (score) => score ** 6,
  edited: (share) => share,
};

/**
 * @param {string[]} ramp colours from the lower to the upper end
 * @param {string} noneColor colour of points without a value
 * @param {(value: number) => number} placeOf one of `RAMP_PLACES`
 * @returns {Uint8Array} RGBA of 256 texels, by the byte of a value; the last one is for points without a value
 */
export function rampTexels(ramp, noneColor, placeOf) {
  const texels = new Uint8Array(TEXTURE_WIDTH * 4);
  const stops = ramp.map(parseHex);
  for (let byte = 0; byte < TEXTURE_WIDTH - 1; byte++) {
    const place = placeOf(byte / (TEXTURE_WIDTH - 2)) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    const mixed = stops[low].map((value, channel) => value + (stops[low + 1][channel] - value) * (place - low));
    texels.set([...mixed, 255], byte * 4);
  }
  texels.set([...parseHex(noneColor), 255], (TEXTURE_WIDTH - 1) * 4);
  return texels;
}
