/** Table: all points that the filter leaves, one per line, of which only those in view are in the document. */

import { shortNameAmong } from '../../map/short_names.mjs';
import { breakable, clickCard } from '../cards.mjs';
import { classLabel, LONGEST_NAME, shortenPair } from '../worklists/names.mjs';
import { h, memo, useStore } from '../worklists/react.mjs';
import { useFocus, useFrame } from './frame.mjs';
import { marksOf, verdictOf } from './gallery_view.mjs';
import { sheetHeight } from './windowing.mjs';

/** @typedef {import('./gallery_list.mjs').GalleryList} GalleryList */
/** @typedef {import('./gallery_list.mjs').ListedCard} ListedCard */
/** @typedef {import('./view_state.mjs').ViewState} ViewState */
/** @typedef {import('./view_state.mjs').OrderKey} OrderKey */

const LINE_PX = 44;
const HEAD_PX = 30;
const CROP_PX = 64;

/** Columns: what they are ordered by, none for the picture. What is compared comes first, as a narrow window shows no more. @type {{order: OrderKey | null, title: string}[]} */
const COLUMNS = [
  { order: null, title: 'Crop' },
  { order: 'class', title: 'Class' },
  { order: 'suggested', title: 'Suggested' },
  { order: 'suspect', title: 'Suspect score' },
  { order: 'file', title: 'Image' },
  { order: 'dataset', title: 'Dataset' },
  { order: 'review', title: 'Review' },
  { order: 'tags', title: 'Tags' },
  { order: 'updated', title: 'Updated' },
  { order: 'size', title: 'Size' },
];

/** @param {number} place */
const lineId = (place) => `table-point-${place}`;

/** @param {{title: string, order: OrderKey | null, look: ViewState, isOrder: boolean, descending: boolean}} props */
function Head({ title, order, look, isOrder, descending }) {
  const sorted = descending ? 'descending' : 'ascending';
  return h('div', { role: 'columnheader', 'aria-sort': isOrder ? sorted : undefined },
    order === null ? title : h('button', { title: `Order by ${title.toLowerCase()}`, onClick: () => look.orderBy(order) },
      title, isOrder && h('span', { 'aria-hidden': true }, descending ? ' ↓' : ' ↑')));
}

/**
 * @typedef {object} LineProps
 * @property {ListedCard | undefined} card not there until it has arrived
 * @property {GalleryList} list
 * @property {number} place
 * @property {number} top
 * @property {string} judged
 * @property {boolean} isCurrent
 * @property {boolean} isMarked
 */

const Line = memo((/** @type {LineProps} */ { card, list, place, top, judged, isCurrent, isMarked }) => {
  const counted = { id: lineId(place), role: 'row', 'aria-rowindex': place + 2, 'aria-selected': isMarked, style: { translate: `0 ${top}px` } };
  if (card === undefined) return h('div', { ...counted, className: 'table-line is-skeleton' }, h('div', { role: 'gridcell' }, 'Loading …'));
  return h('div', {
    ...counted, 'aria-current': isCurrent || undefined, 'data-point-id': card.id, 'data-card': card.id,
    className: `table-line${isCurrent ? ' is-current' : ''}${isMarked ? ' is-marked' : ''}`,
    onClick: (/** @type {MouseEvent} */ event) => clickCard(event, card.id, list),
  }, cellsOf(card, list, judged).map((cell, column) => h('div', { key: column, role: 'gridcell', ...cell })));
});

/** @param {ListedCard} card @param {GalleryList} list @param {string} judged @returns {{children: any, title?: string, className?: string}[]} */
function cellsOf({ id, listed, suggested }, list, judged) {
  const [given, rather] = suggested === null
    ? [shortNameAmong(list.tools.collection.classes, classLabel(listed.class_name), LONGEST_NAME), ''] : shortenPair(classLabel(listed.class_name), suggested, LONGEST_NAME);
  return [
    { children: [h('span', { key: 'mark', className: 'card-mark', 'data-mark': '', title: 'Mark (Space)', 'aria-hidden': true }), h('img', { key: 'crop', src: list.tools.api.cropUrl(id, CROP_PX), alt: '', loading: 'lazy', decoding: 'async' })] },
    classCell(list, listed.class_name, given),
    suggested === null ? { children: '' } : classCell(list, suggested, rather),
    { children: listed.suspect_score === null ? '' : listed.suspect_score.toFixed(3), className: 'is-number' },
    { children: breakable(listed.image_name), title: listed.image_name },
    { children: breakable(listed.dataset), title: listed.dataset },
    { children: judged, title: judged },
    { children: listed.tags.join(', '), title: listed.tags.join(', ') },
    { children: listed.updated_at?.slice(0, 10) ?? '', title: listed.updated_at ?? '' },
    { children: listed.size_hw === null ? '' : `${listed.size_hw[1]} × ${listed.size_hw[0]}`, className: 'is-number' },
  ];
}

/** @param {GalleryList} list @param {string | null} name of a class @param {string} text that fits */
function classCell(list, name, text) {
  const swatch = h('span', { key: 'swatch', className: 'swatch', style: { '--swatch': list.tools.collection.colors[name ?? ''] ?? 'var(--line)' } });
  return { children: [swatch, h('span', { key: 'name' }, breakable(text))], title: classLabel(name), className: 'table-class' };
}

/** @param {{list: GalleryList, look: ViewState}} props */
export function TableView({ list, look }) {
  const state = useStore(list);
  const { order, descending } = useStore(look);
  const { ofPoint } = useStore(list.tools.judged);
  const { host, frame, first, last, topPx, follow } = useFrame(list, () => ({ nColumns: 1, lineHeightPx: LINE_PX }), HEAD_PX);
  useFocus(host, state.status === 'ready');
  const lines = [];
  for (let place = first; place < last; place++) {
    const card = list.cards[place];
    const { judged } = verdictOf(card, ofPoint);
    lines.push(h(Line, { key: place, card, list, place, top: topPx + (place - first) * LINE_PX, judged, ...marksOf(card, state) }));
  }
  return h('div', {
    ref: host, className: 'table-scroller', role: 'grid', tabIndex: 0, 'aria-label': 'Table', 'aria-multiselectable': true, 'aria-readonly': true,
    'aria-rowcount': state.cards.length + 1, 'aria-colcount': COLUMNS.length, onScroll: follow,
    'aria-activedescendant': list.place >= 0 ? lineId(list.place) : undefined,
  },
  h('div', { className: 'table-head', role: 'rowgroup' },
    h('div', { className: 'table-line', role: 'row', 'aria-rowindex': 1 }, COLUMNS.map((column) => h(Head, { key: column.title, ...column, look, isOrder: column.order === order, descending })))),
  h('div', { className: 'table-sheet', role: 'rowgroup', style: { height: `${sheetHeight(frame)}px` } }, lines));
}
