/** Which map is shown beside the first one. Knows no document. */

/**
 * @typedef {object} Projection as the api lists it
 * @property {string} id
 * @property {string} method
 * @property {string} metric
 * @property {string} created_at
 * @property {number} n_points
 */

/**
 * @param {Projection[]} maps newest first
 * @param {string | null} wanted id that the address asks for
 * @param {string | null} first id of the map beside it
 * @returns {Projection | null} the wanted one, the newest other one, or the same once more; null if there is none
 */
export function chooseMap(maps, wanted, first) {
  return maps.find(({ id }) => id === wanted) ?? maps.find(({ id }) => id !== first) ?? maps[0] ?? null;
}

/**
 * @param {Projection[]} maps newest first
 * @param {string | null} first id of the map beside them
 * @returns {{id: string, words: string}[]} what to choose from; equal names are told apart by the time of making
 */
export function namesOfMaps(maps, first) {
  const names = maps.map(({ method, metric }) => `${method.toUpperCase()} · ${metric}`);
  return maps.map(({ id, created_at: made }, place) => {
    const isAlone = names.filter((name) => name === names[place]).length === 1;
    const when = isAlone ? '' : ` · ${made.slice(0, 10)} ${made.slice(11, 19)}`;
    return { id, words: `${names[place]}${when}${id === first ? ' (the first map again)' : ''}` };
  });
}

/**
 * @param {object} counts
 * @param {number} counts.nMissing points of the first map that the second one lacks
 * @param {number} counts.nMore points that only the second map has
 * @param {number} counts.nShared points that both have
 * @param {number} counts.nChosenMissing selected points that the second map lacks
 * @param {boolean} counts.isPointMissing whether it lacks the point that the inspector shows
 * @returns {string[]} what to say of points that one of the maps lacks
 */
export function wordsOfMissing({ nMissing, nMore, nShared, nChosenMissing, isPointMissing }) {
  if (nShared === 0) return ['No point of the first map is on this one.'];
  return [
    nMissing > 0 && `${points(nMissing)} not on this map.`,
    nMore > 0 && `${points(nMore)} on this map only, and not shown.`,
    nChosenMissing > 0 && `${nChosenMissing.toLocaleString('en')} of the selected ${nChosenMissing === 1 ? 'is' : 'are'} among those missing.`,
    isPointMissing && 'The point that you look at is not on this map.',
  ].filter((one) => one !== false);
}

/** @param {number} n */
function points(n) {
  return n === 1 ? '1 point is' : `${n.toLocaleString('en')} points are`;
}
