/** Which points a search is of while the page has a filter, and the way to the others. */

import { h, useStore } from './worklists/react.mjs';

/** @typedef {import('./worklists/store.mjs').Store<any> & {widen: (isWide: boolean) => void}} Widened its state has `hasFilter`, `isWide` and `fault` */

/** @param {{store: Widened, narrow?: string}} props `narrow` says what is searched, or left out, as long as the filter counts */
export function FilterWidth({ store, narrow = 'Only of points that fit the filter' }) {
  const { hasFilter, isWide, fault } = useStore(store);
  if (!hasFilter || fault) return null;
  return h('p', { className: 'row dim filter-width' },
    h('span', null, isWide ? 'Of all points, whatever the filter' : narrow), h('span', { className: 'spacer' }),
    h('button', { className: 'quiet', onClick: () => store.widen(!isWide) }, isWide ? 'Only the filter' : 'All points'));
}
