/** The datasets of a source as a tree of check boxes: names nested by "/". Knows no document. */

/**
 * @typedef {object} DatasetRow
 * @property {string} path of a dataset, or of a folder that only holds some
 * @property {string} label its end, below the row that it is nested in
 * @property {number} depth the outermost have 1
 * @property {string | null} parent path of that row
 * @property {"true" | "false" | "mixed"} checked
 */

/** Longer lists are written, not checked; a request names no more. */
export const MOST_DATASETS = 1000;

/** @param {string} name @param {string} path @returns {boolean} whether a dataset is the one at the path, or nested in it */
const isWithin = (name, path) => name === path || name.startsWith(`${path}/`);

/** @param {string[]} names all datasets @param {string[]} wanted some of them @returns {string[]} those, with all that is nested in them */
const withNested = (names, wanted) => names.filter((name) => wanted.some((one) => isWithin(name, one)));

/** @param {string} path @returns {string[]} paths that it may be nested in, outermost first */
function pathsAbove(path) {
  const parts = path.split('/');
  return parts.slice(1).map((_, place) => parts.slice(0, place + 1).join('/'));
}

/**
 * @param {string[]} names all datasets
 * @param {string[]} wanted some of them; what is nested in one is wanted too
 * @returns {DatasetRow[]} parents before what they hold
 */
export function rowsOf(names, wanted) {
  const known = new Set(names);
  const isOn = new Set(withNested(names, wanted));
  const counts = new Map();
  for (const above of names.flatMap(pathsAbove)) counts.set(above, (counts.get(above) ?? 0) + 1);
  const paths = new Set([...names, ...[...counts].filter(([, count]) => count > 1).map(([above]) => above)]);
  const inOrder = [...paths].map((path) => ({ path, key: path.replaceAll('/', '\0') })).sort((one, other) => (one.key < other.key ? -1 : 1));
  return inOrder.map(({ path }) => {
    const above = pathsAbove(path).filter((one) => paths.has(one));
    const parent = above.at(-1) ?? null;
    const within = known.has(path) && !counts.has(path) ? [path] : names.filter((name) => isWithin(name, path));
    const nOn = within.filter((name) => isOn.has(name)).length;
    return {
      path, label: parent === null ? path : path.slice(parent.length + 1), depth: above.length + 1, parent,
      checked: nOn === 0 ? 'false' : nOn === within.length ? 'true' : 'mixed',
    };
  });
}

/**
 * @param {string[]} names all datasets
 * @param {string[]} wanted some of them
 * @param {string} path of a row
 * @returns {string[]} what is wanted once its box was pressed: all that it holds, or none of it
 */
export function toggle(names, wanted, path) {
  const isOn = new Set(withNested(names, wanted));
  const within = names.filter((name) => isWithin(name, path));
  if (within.every((name) => isOn.has(name))) [...within, ...pathsAbove(path)].forEach((name) => isOn.delete(name));
  else within.forEach((name) => isOn.add(name));
  return names.filter((name) => isOn.has(name) && !pathsAbove(name).some((above) => isOn.has(above)));
}

/** @param {string[]} names @param {string[]} wanted @returns {number} how many are indexed */
export function countWanted(names, wanted) {
  return wanted.length === 0 ? names.length : withNested(names, wanted).length;
}

/**
 * @param {DatasetRow[]} rows
 * @param {string} path of the row that has the focus
 * @param {string} key as in `KeyboardEvent`
 * @returns {string | null} path of the row that gets it; null if the key means nothing
 */
export function rowAt(rows, path, key) {
  const place = rows.findIndex((row) => row.path === path);
  /** @type {Record<string, number>} */
  const places = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 };
  if (key === 'ArrowLeft') return rows[place].parent;
  if (!(key in places)) return null;
  return rows[Math.min(Math.max(places[key], 0), rows.length - 1)].path;
}
