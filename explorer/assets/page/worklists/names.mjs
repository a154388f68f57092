/** Class names that fit: shortened in the middle, so that both ends can be compared. Knows no document. */

const ELLIPSIS = '…';
/** Two lines of a card. */
export const LONGEST_NAME = 44;

/**
 * @param {string} name
 * @param {number} longest letters
 * @returns {string} the name; a longer one keeps its first and last letters, the last segment of a path if it fits
 */
export function shortenName(name, longest = LONGEST_NAME) {
  if (name.length <= longest) return name;
  const last = name.slice(name.lastIndexOf('/'));
  const nTail = name.includes('/') && last.length <= longest * 0.7 ? last.length : Math.ceil((longest - 1) / 2);
  return name.slice(0, longest - 1 - nTail) + ELLIPSIS + name.slice(-nTail);
}

/**
 * @param {string} first
 * @param {string} second
 * @param {number} longest letters
 * @returns {[string, string]} both shortened, or both in full if that would make them look alike
 */
export function shortenPair(first, second, longest = LONGEST_NAME) {
  /** @type {[string, string]} */
  const short = [shortenName(first, longest), shortenName(second, longest)];
  return short[0] === short[1] && first !== second ? [first, second] : short;
}

/** @param {string | null | undefined} name of a class */
export function classLabel(name) {
  return name || 'no class';
}

/** @param {number} count @param {string} noun in the singular @returns {string} such as "1,797 points" */
export function countText(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** @param {{dataset?: string | null, image_name?: string | null}} point @returns {string} where it is from */
export function placeText({ dataset, image_name: imageName }) {
  return [dataset, imageName].filter(Boolean).join(' / ');
}
