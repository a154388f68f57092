/** Names shortened so that no two of them look alike. Knows no document. */

export const ELLIPSIS = '…';
const MARKS = '/_-. ';

/** @type {WeakMap<string[], Map<number, Map<string, string>>>} */
const kept = new WeakMap();

/**
 * @param {string[]} names that stand together, the same array as long as they are the same
 * @param {string} name one of them; another one is shortened alone
 * @param {number} longest letters
 * @returns {string}
 */
export function shortNameAmong(names, name, longest) {
  let known = kept.get(names);
  if (known === undefined) kept.set(names, known = new Map());
  let short = known.get(longest);
  if (short === undefined) known.set(longest, short = shortenAmong(names, longest));
  return short.get(name) ?? withoutMiddle(name, longest);
}

/**
 * @param {string[]} names
 * @param {number} longest letters
 * @returns {Map<string, string>} by name: in full if it fits, else without the folders that all begin with and its middle. Names that look alike then lose
 *   what they share at both ends instead, and stay in full if that is not enough.
 */
export function shortenAmong(names, longest) {
  const nShared = sharedPathLength(names);
  const start = nShared > 0 ? `${ELLIPSIS}/` : '';
  const short = new Map(names.map((name) => [name, name.length > longest ? withoutMiddle(start + name.slice(nShared), longest) : name]));
  for (const alike of groupsOf(short)) tellApart(alike, longest, short);
  const alikeStill = groupsOf(short).flat(); // those of two groups
  if (alikeStill.length > 0) shortenWords(alikeStill, longest, short);
  for (const alike of groupsOf(short)) for (const name of alike) short.set(name, name);
  return short;
}

/**
 * @param {string[]} names that stand together
 * @param {number} longest letters
 * @returns {Map<string, string>} what each is called beside the others, without the folders that all begin with
 */
export function wordsAmong(names, longest) {
  const nShared = sharedPathLength(names);
  const short = shortenAmong(names.map((name) => name.slice(nShared)), longest);
  return new Map(names.map((name) => [name, short.get(name.slice(nShared)) ?? '']));
}

/**
 * @param {string} name of a cluster: a class or two, maybe with a number, such as "tea / pie (2)"
 * @param {string[]} classes of the collection
 * @returns {{parts: string[], number: string} | null} its classes, and the end that is no class; null if it is named after something else
 */
export function partsOf(name, classes) {
  if (classes.includes(name)) return { parts: [name], number: '' };
  const [number = ''] = name.match(/ \(\d+\)$/) ?? [];
  const parts = name.slice(0, name.length - number.length).split(' / ');
  return parts.every((one) => classes.includes(one)) ? { parts, number } : null;
}

/**
 * @param {string[]} names of clusters
 * @param {string[]} classes of the collection
 * @param {number} longest letters of a name
 * @param {number} longestPart letters of each class in a name of two
 * @returns {Map<string, string>} what each is called, every class by itself and as beside the other classes
 */
export function clusterWords(names, classes, longest, longestPart) {
  const [alone, beside] = [longest, longestPart].map((letters) => wordsAmong(classes, letters));
  return new Map(names.map((name) => {
    const { parts, number } = partsOf(name, classes) ?? { parts: [name], number: '' };
    const words = parts.length > 1 ? beside : alone;
    return [name, parts.map((one) => words.get(one) ?? withoutMiddle(one, longest)).join(' / ') + number];
  }));
}

/** @param {string[]} alike @param {number} longest @param {Map<string, string>} short is changed: each word keeps its first letters, without those that all begin with */
function shortenWords(alike, longest, short) {
  const [head] = sharedEnds(alike);
  for (const name of alike) {
    const words = name.slice(head).split(/(?<=[/_. -])/);
    const start = head > 0 ? ELLIPSIS : '';
    const share = Math.floor((longest - start.length) / words.length) - 1;
    const text = words.map((word, place) => (word.length <= share + 1 ? word : word.slice(0, share) + (place < words.length - 1 ? word.slice(-1) : ''))).join('');
    short.set(name, share > 0 ? start + text : name);
  }
}

/**
 * @param {string[]} names
 * @returns {number} how many letters of folders all of them begin with, 5 for food/tea and food/pie
 */
export function sharedPathLength(names) {
  const [first] = names;
  if (first === undefined || names.length < 2) return 0;
  let length = 0;
  for (let end = first.indexOf('/'); end >= 0; end = first.indexOf('/', end + 1)) {
    if (names.every((name) => name.startsWith(first.slice(0, end + 1)))) length = end + 1;
  }
  return length;
}

/** @param {string[]} alike @param {number} longest @param {Map<string, string>} short is changed */
function tellApart(alike, longest, short) {
  const [head, tail] = sharedEnds(alike);
  for (const name of alike) short.set(name, withoutShared(name, head, tail, longest));
  for (const still of groupsOf(new Map(alike.map((name) => [name, short.get(name) ?? name])))) {
    if (still.length < alike.length) tellApart(still, longest, short);
    else for (const name of still) short.set(name, name);
  }
}

/** @param {string} name @param {number} head letters that are shared @param {number} tail as well @param {number} longest @returns {string} with one of the shared ends if it fits */
function withoutShared(name, head, tail, longest) {
  const [start, end] = [head > 0 ? ELLIPSIS : '', tail > 0 ? ELLIPSIS : ''];
  const rest = name.slice(head, name.length - tail);
  const choices = [`${start}${name.slice(head)}`, `${name.slice(0, name.length - tail)}${end}`, `${start}${rest}${end}`];
  return choices.find((choice) => choice.length <= longest) ?? withoutMiddle(choices[2], longest);
}

/** @param {Map<string, string>} short @returns {string[][]} names that look alike, in groups of two or more */
function groupsOf(short) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const [name, text] of short) {
    const group = groups.get(text);
    if (group) group.push(name);
    else groups.set(text, [name]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** @param {string[]} names two or more @returns {[number, number]} letters of whole words that all begin and end with */
function sharedEnds(names) {
  const [first] = names;
  const shortest = Math.min(...names.map(({ length }) => length));
  let head = 0;
  while (head < shortest && names.every((name) => name[head] === first[head])) head += 1;
  while (head > 0 && !MARKS.includes(first[head - 1])) head -= 1;
  let tail = 0;
  while (tail < shortest - head && names.every((name) => name.at(-1 - tail) === first.at(-1 - tail))) tail += 1;
  while (tail > 0 && !MARKS.includes(first[first.length - tail])) tail -= 1;
  return [head, tail];
}

/**
 * @param {string} name
 * @param {number} longest letters
 * @param {number} [nEnd] letters of its end that stay
 * @returns {string} with both ends, and without its middle if it is longer
 */
export function withoutMiddle(name, longest, nEnd = Math.ceil((longest - 1) / 2)) {
  if (name.length <= longest) return name;
  return name.slice(0, longest - 1 - nEnd) + ELLIPSIS + name.slice(-nEnd);
}
