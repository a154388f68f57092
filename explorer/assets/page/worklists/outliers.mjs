/** Worklist of the points most unlike all others, strangest first. */

import { CardList, ListHead } from '../cards.mjs';
import { CardWorklist, cardOfPoint } from './card_worklist.mjs';
import { h, useStore } from './react.mjs';

const PAGE = 48;
const MOST = 100_000;

/** @param {import('./card_worklist.mjs').Tools} tools */
function create(tools) {
  return new CardWorklist(tools, async (offset) => {
    const limit = Math.min(MOST, offset + PAGE); // the api lists from the first one on
    const { outliers, why_empty: whyEmpty } = await tools.api.get('/outliers', { limit });
    const cards = outliers.slice(offset).map((/** @type {any} */ outlier, /** @type {number} */ place) => ({ ...cardOfPoint(outlier), rank: `#${offset + place + 1}`, score: outlier.score }));
    return { cards, whyEmpty, hasMore: outliers.length === limit && limit < MOST };
  });
}

/** @param {{worklist: CardWorklist}} props */
function View({ worklist }) {
  const { status, cards, hasMore } = useStore(worklist);
  return h('div', { className: 'worklist' },
    status === 'ready' && cards.length > 0 && h(ListHead, { count: cards.length, noun: 'point' },
      h('span', { className: 'dim' }, `${hasMore ? 'listed so far, ' : ''}strangest first: far from all others, for their surroundings too`)),
    h(CardList, {
      worklist, label: 'Outliers', noun: 'outlier',
      empty: 'Nothing to compare: a collection of one point has no outliers. Index more images.', isNarrowed: true,
    }));
}

export const OUTLIERS = { key: 'outliers', title: 'Outliers', isNarrowed: true, hint: 'Points that resemble nothing', create, View };
