/** Class names that fit: shortened in the middle, so that both ends can be compared. Knows no document. */

import { ELLIPSIS, partsOf, shortNameAmong, withoutMiddle } from '../../map/short_names.mjs';

/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Two lines of a card. */
export const LONGEST_NAME = 44;

/**
 * @param {string} name
 * @param {number} longest letters
 * @returns {string} the name; a longer one keeps its first and last letters, the last segment of a path if it fits
 */
export function shortenName(name, longest = LONGEST_NAME) {
  const last = name.slice(name.lastIndexOf('/'));
  return withoutMiddle(name, longest, name.includes('/') && last.length <= longest * 0.7 ? last.length : undefined);
}

/** @param {string} first @param {string} second @returns {string} the folders that both begin with, such as "food/" of food/tea and food/pie */
function sharedPath(first, second) {
  const parts = first.split('/').slice(0, -1);
  const others = second.split('/').slice(0, -1);
  const nShared = parts.findIndex((part, place) => part !== others[place]);
  const shared = nShared < 0 ? parts : parts.slice(0, nShared);
  return shared.map((part) => `${part}/`).join('');
}

/**
 * @param {string} first
 * @param {string} second
 * @param {number} longest letters
 * @returns {[string, string]} both without the folders that they share, and shortened; in full if that would make them look alike
 */
export function shortenPair(first, second, longest = LONGEST_NAME) {
  const path = first === second ? '' : sharedPath(first, second);
  const short = [first, second].map((name) => shortenName(path ? `${ELLIPSIS}/${name.slice(path.length)}` : name, longest));
  return short[0] === short[1] && first !== second ? [first, second] : [short[0], short[1]];
}

/**
 * A name within words from left to right. Between two names from right to left, an arrow or a number would run their way.
 * @param {string} name
 * @returns {string} with marks that keep letters from right to left to themselves; unchanged without such letters
 */
export function isolated(name) {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

/**
 * @param {string} reason in words
 * @param {[string, string]} names given and suggested class
 * @param {[string, string]} short as they are shown beside it, in full without them
 * @returns {string} the reason with the names as they are shown
 */
export function shortenReason(reason, names, short = names) {
  const place = names[0].length >= names[1].length ? [0, 1] : [1, 0]; // one may be a part of the other
  return place.reduce((text, one) => text.replaceAll(names[one], () => isolated(short[one])), reason);
}

/**
 * @param {string} name of a cluster: a class or two, maybe with a number, such as "tea / pie (2)"
 * @param {string[]} classes of the collection
 * @param {number} longest letters of a class
 * @returns {string} with the classes as they are shortened elsewhere
 */
export function shortenClusterName(name, classes, longest) {
  const found = partsOf(name, classes);
  if (found === null) return shortenName(name, 2 * longest);
  return found.parts.map((one) => shortNameAmong(classes, one, longest)).join(' / ') + found.number;
}

/** @param {string | null | undefined} name of a class */
export function classLabel(name) {
  return name || 'no class';
}

/** @param {number} count @param {string} noun in the singular @param {string} many the noun in the plural @returns {string} such as "1,797 points" */
export function countText(count, noun, many = `${noun}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : many}`;
}

/** @param {number} count of outliers @returns {string} such as "7 stand apart" */
export function apartText(count) {
  if (count === 0) return 'none stands apart';
  return `${count.toLocaleString('en')} ${count === 1 ? 'stands' : 'stand'} apart`;
}

/** @param {{dataset?: string | null, image_name?: string | null}} point @returns {string} where it is from */
export function placeText({ dataset, image_name: imageName }) {
  return [dataset, imageName].flatMap((part) => (part ? isolated(part) : [])).join(' / ');
}

/** @typedef {{name: string, display_name: string | null}} Named a collection, with what people call it */

/** @param {Named[]} collections those that are known @param {string} collection name of one @returns {string} what people call it, as the header does: those that have the same are told apart by their own */
export function shownName(collections, collection) {
  const shown = collections.find(({ name }) => name === collection)?.display_name || collection;
  const isShared = collections.filter(({ name, display_name: other }) => (other || name) === shown).length > 1;
  return isShared ? `${shown} (${collection})` : shown;
}
