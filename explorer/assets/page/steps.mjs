/** Which changes of the page's address the browser's Back takes back: another collection, map or point, but no view. */

const STEPS = ['collection', 'projection', 'id'];

/**
 * @param {string} search the address' query before
 * @param {Record<string, string | null | undefined>} values that are written into it
 * @returns {boolean} whether they are a step; the first values that a page writes complete its link
 */
export function isStep(search, values) {
  const before = new URLSearchParams(search);
  if (!before.has('projection')) return false;
  return STEPS.some((name) => name in values && (values[name] || null) !== before.get(name));
}

/**
 * @typedef {object} Seen what an address leads to
 * @property {string | null} collection
 * @property {string | null} projection
 * @property {string | null} id of the selected point
 * @property {string | null} view
 */

/** @param {string} search @returns {Seen} */
export function seenAt(search) {
  const query = new URLSearchParams(search);
  return {
    collection: query.get('collection'), projection: query.get('projection'), id: query.get('id'), view: query.get('v'),
  };
}
