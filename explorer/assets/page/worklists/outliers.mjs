/** Worklist of the points most unlike all others, strangest first. */

import { CardList, ListHead } from '../cards.mjs';
import { apartText } from './names.mjs';
import { OutlierWorklist } from './outlier_worklist.mjs';
import { h, useStore } from './react.mjs';

/** @param {{worklist: OutlierWorklist}} props */
function View({ worklist }) {
  const { status, cards, hasMore } = useStore(worklist);
  return h('div', { className: 'worklist' },
    status === 'ready' && cards.length > 0 && h(ListHead, { count: cards.length, noun: 'point' },
      h('span', { className: 'dim' }, `${hasMore ? 'listed so far, ' : ''}strangest first: ${apartText(worklist.nOutliers)} from all others, for their surroundings too`)),
    h(CardList, {
      worklist, label: 'Outliers', noun: 'outlier',
      empty: 'Nothing to compare: a collection of one point has no outliers. Index more images.', isNarrowed: true,
    }));
}

export const OUTLIERS = {
  key: 'outliers', title: 'Outliers', isNarrowed: true, hint: 'Points that resemble nothing',
  create: (/** @type {import('./card_worklist.mjs').Tools} */ tools) => new OutlierWorklist(tools), View,
};
