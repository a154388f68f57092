/** Which points are out of view though nobody chose that. Knows no document. */

export const LOST = 'No point is in view.';

/**
 * @typedef {object} SeenMap
 * @property {number} nPoints
 * @property {(row: number) => boolean} isVisible
 * @property {import('./camera.mjs').Camera} camera
 * @property {import('./columns.mjs').PointColumns} columns
 * @property {{isChosen: boolean, isWhole: boolean}} viewport
 */

/** @param {SeenMap} map @returns {string} what to say of points that are out of view; empty for nothing */
export function whatIsUnseen(map) {
  const isOwnView = !map.viewport.isChosen && !map.viewport.isWhole;
  const { seen, unseen } = count(map, !isOwnView);
  if (seen === 0) return unseen === 0 ? '' : LOST;
  if (unseen === 0 || !isOwnView) return '';
  return unseen === 1 ? '1 point lies outside.' : `${unseen.toLocaleString('en')} points lie outside.`;
}

/** @param {SeenMap} map @param {boolean} isAnyEnough whether to stop at the first point in view */
function count(map, isAnyEnough) {
  const counts = { seen: 0, unseen: 0 };
  for (let row = 0; row < map.nPoints; row++) {
    if (!map.isVisible(row)) continue;
    if (!map.camera.shows(...map.columns.position(row))) counts.unseen += 1;
    else if (isAnyEnough) return { seen: 1, unseen: 0 };
    else counts.seen += 1;
  }
  return counts;
}
