/** Worklist of the points that are selected on the map, as cards to judge; the gallery beside it is `../gallery.mjs`. */

import { CardList } from '../cards.mjs';
import { CardWorklist, cardOfPoint } from './card_worklist.mjs';
import { h } from './react.mjs';

const PAGE = 200;

/** @param {import('./card_worklist.mjs').Tools} tools */
export function createSelected(tools) {
  return new CardWorklist(tools, async (offset) => {
    const { points, total } = await tools.selectedPoints(offset, offset + PAGE);
    const cards = points.map((/** @type {any} */ point) => cardOfPoint({ ...point, reason: '' }));
    return { cards, hasMore: offset + PAGE < total };
  });
}

/** @param {{worklist: CardWorklist}} props */
export function SelectedView({ worklist }) {
  return h(CardList, { worklist, label: 'Selected points', noun: 'point', empty: 'These points were deleted since the map was made.' });
}
