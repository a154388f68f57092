/** Gallery: crops of all points that the filter leaves, of which only those in view are in the document. */

import { clickCard, judgedWords } from '../cards.mjs';
import { classLabel, isolated } from '../worklists/names.mjs';
import { h, memo, useStore } from '../worklists/react.mjs';
import { captionOf } from './caption.mjs';
import { useFocus, useFrame } from './frame.mjs';
import { fillLine, sheetHeight } from './windowing.mjs';

/** @typedef {import('./gallery_list.mjs').GalleryList} GalleryList */
/** @typedef {import('./gallery_list.mjs').ListedCard} ListedCard */

const GAP_PX = 6;
/** Between the last crop of a line and what scrolls. */
const EDGE_PX = 8;
/** Crops are asked for in few sizes, so that a slider does not have all of them made anew. */
const CROP_SIZES = [64, 128, 256];
/** From this size on a crop has its class below it. */
const NAMED_PX = 88;
const NAME_LINE_PX = 18;
/** What it has beside it on both sides, and the size of its letters, as `9_views.css` has them. */
const [NAME_EDGES_PX, NAME_FONT_PX] = [4, 11];

/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/** @param {string} text @returns {number} its width below a crop, in pixels */
function widthOf(text) {
  if (ruler === null) {
    ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
    ruler.font = `${NAME_FONT_PX}px ${getComputedStyle(document.body).fontFamily}`;
  }
  return ruler.measureText(text).width;
}

/** @param {number} place */
const optionId = (place) => `gallery-point-${place}`;

/** @param {ListedCard} card @param {string} judged @returns {string} all that a crop stands for */
function wordsOf({ listed, suggested }, judged) {
  const score = listed.suspect_score === null ? '' : `, suspect score ${listed.suspect_score.toFixed(2)}`;
  const rather = suggested === null ? '' : `, rather ${isolated(suggested)}`;
  const value = listed.value === null ? '' : `, ${listed.value.toFixed(3)}`;
  return `${isolated(classLabel(listed.class_name))}${rather}${score}${value}, ${listed.image_name}${judged === '' ? '' : `, ${judged}`}`;
}

/** @param {{verdict: string}} props what was decided, as a mark in the corner; nothing for an empty one */
function State({ verdict }) {
  const mark = { accept: '→', dismiss: '✓' }[verdict] ?? '…';
  return verdict === '' ? null : h('span', { className: `crop-state is-${verdict}`, 'data-caption': mark });
}

/** @param {ListedCard | undefined} card @param {import('../worklists/card_worklist.mjs').ListState} state */
export function marksOf(card, { current, marked }) {
  return { isCurrent: card !== undefined && card.id === current, isMarked: card !== undefined && marked.has(card.id) };
}

/** @param {ListedCard | undefined} card @param {Map<string, import('../worklists/judged.mjs').Judged>} ofPoint what stands, by id */
export function verdictOf(card, ofPoint) {
  const judged = card && ofPoint.get(card.id);
  return judged ? { judged: judgedWords(judged), verdict: judged.verdict, className: judged.className } : { judged: '', verdict: '', className: null };
}

/**
 * @typedef {object} CellProps
 * @property {ListedCard | undefined} card not there until it has arrived
 * @property {GalleryList} list
 * @property {number} place
 * @property {number} total
 * @property {number} left
 * @property {number} top
 * @property {number} sizePx
 * @property {boolean} isNamed
 * @property {boolean} isCurrent
 * @property {boolean} isMarked
 * @property {string} judged
 * @property {string} verdict
 * @property {string | null} className the class that a person gave
 */

const Cell = memo((/** @type {CellProps} */ props) => {
  const { card, list, place, total, left, top, sizePx, isNamed, isCurrent, isMarked, judged, verdict, className } = props;
  const style = { translate: `${left}px ${top}px`, width: `${sizePx}px` };
  const crop = { width: `${sizePx}px`, height: `${sizePx}px` };
  const counted = { id: optionId(place), role: 'option', 'aria-setsize': total, 'aria-posinset': place + 1, 'aria-selected': isMarked, style };
  if (card === undefined) return h('div', { ...counted, className: 'crop-cell is-skeleton', 'aria-label': 'Loading' }, h('span', { className: 'crop-frame', style: crop }));
  const words = wordsOf(card, judged);
  const shown = className ?? card.listed.class_name;
  const ratio = Math.min(2, window.devicePixelRatio);
  return h('div', {
    ...counted, 'aria-label': words, title: words, 'aria-current': isCurrent || undefined, 'data-point-id': card.id, 'data-card': card.id,
    className: `crop-cell${isCurrent ? ' is-current' : ''}${isMarked ? ' is-marked' : ''}`,
    onClick: (/** @type {MouseEvent} */ event) => clickCard(event, card.id, list),
  },
  h('span', { className: 'crop-frame', style: { ...crop, '--swatch': list.tools.collection.colors[shown ?? ''] ?? 'var(--line)' } },
    h('img', { src: list.tools.api.cropUrl(card.id, cropSize(sizePx * ratio)), alt: '', loading: 'lazy', decoding: 'async' }),
    h('span', { className: 'card-mark', 'data-mark': '', title: 'Mark (Space)', 'aria-hidden': true }),
    h(State, { verdict })),
  isNamed && h('span', { className: 'crop-name', 'data-caption': captionOf(list.tools.collection.classes, shown, judged === '' ? card.suggested : null, sizePx - NAME_EDGES_PX, widthOf) }));
});

/** @param {{list: GalleryList, look: import('./view_state.mjs').ViewState}} props */
export function GalleryView({ list, look }) {
  const state = useStore(list);
  const { sizePx: wantedPx } = useStore(look);
  const { ofPoint } = useStore(list.tools.judged);
  const isNamed = wantedPx >= NAMED_PX;
  const lineOf = (/** @type {number} */ sizePx) => sizePx + GAP_PX + (isNamed ? NAME_LINE_PX : 0);
  const { host, frame, first, last, topPx, follow } = useFrame(list, (widthPx) => {
    const { nColumns, itemPx } = fillLine(widthPx - EDGE_PX, wantedPx, GAP_PX);
    return { nColumns, lineHeightPx: lineOf(itemPx) };
  });
  useFocus(host, state.status === 'ready');
  const lineHeightPx = frame.lineHeightPx;
  const sizePx = wantedPx + lineHeightPx - lineOf(wantedPx);
  const cellPx = sizePx + GAP_PX;
  const cells = [];
  for (let place = first; place < last; place++) {
    const card = list.cards[place];
    const at = { left: ((place - first) % frame.nColumns) * cellPx, top: topPx + Math.floor((place - first) / frame.nColumns) * lineHeightPx };
    cells.push(h(Cell, { key: place, card, list, place, total: state.cards.length, ...at, sizePx, isNamed, ...marksOf(card, state), ...verdictOf(card, ofPoint) }));
  }
  return h('div', {
    ref: host, className: 'gallery-scroller', role: 'listbox', tabIndex: 0, 'aria-label': 'Gallery', 'aria-multiselectable': true,
    'aria-activedescendant': list.place >= 0 ? optionId(list.place) : undefined, onScroll: follow,
  }, h('div', { className: 'gallery-sheet', role: 'presentation', style: { height: `${sheetHeight(frame)}px` } }, cells));
}

/** @param {number} px @returns {number} the smallest size that is made and large enough */
export function cropSize(px) {
  return CROP_SIZES.find((size) => size >= px) ?? CROP_SIZES[CROP_SIZES.length - 1];
}
