/** Worklist of labels that their neighborhood contradicts, most doubtful first; at full height one after the other. */

import { Absent, breakable, BulkBar, cardReason, cardsClass, ClassPair, clickCard, fullReason, useFollowedCurrent } from '../cards.mjs';
import { DONE_WORDS } from '../review_words.mjs';
import { countText, placeText, shortenName } from './names.mjs';
import { h, useRef, useStore } from './react.mjs';
import { ReviewMode } from './review_mode.mjs';
import { SuspectWorklist } from './suspect_worklist.mjs';

/** @typedef {import('./suspect_card.mjs').SuspectCard} SuspectCard */
/** @typedef {import('../review_queue.mjs').Verdict} Verdict */

const CROP_PX = 160;
const MATE_PX = 64;
/** Other objects of a group that are shown with the first. */
const MOST_MATES = 5;
const RANKED_HINT = 'Labels that their neighborhood contradicts, most doubtful first: a ranking, not a verdict';

/** @param {SuspectWorklist} worklist @returns {(card: HTMLElement) => HTMLElement} what takes the focus: the card, or the button that had it on the last one */
const takeFocus = (worklist) => (card) => {
  const button = worklist.focused === null ? null : card.querySelector(`.is-${worklist.focused}`);
  worklist.focused = null;
  return button instanceof HTMLElement ? button : card;
};

/** @param {{worklist: SuspectWorklist, dock: import('../dock_state.mjs').DockState}} props */
function View({ worklist, dock }) {
  const state = useStore(worklist);
  const { isFull } = useStore(dock);
  const isThere = state.status === 'ready' && (state.cards.length > 0 || worklist.loaded.length > 0);
  return h('section', { className: 'worklist suspects', 'aria-label': 'Suspect labels', 'aria-busy': worklist.isTurning },
    h(Head, { worklist, isThere }),
    !isThere && h(Absent, { worklist, noun: 'suspect', empty: 'No label is suspect here.', isNarrowed: true }),
    isThere && h(isFull ? ReviewMode : Cards, { worklist }));
}

/** @param {{worklist: SuspectWorklist, isThere: boolean}} props how many there are, and which of them are shown */
function Head({ worklist, isThere }) {
  const { nPages, pageNumber } = worklist;
  return h('div', { className: 'list-head' },
    isThere && h(Count, { worklist }),
    h('span', { className: 'spacer' }),
    isThere && nPages > 1 && h('span', { className: 'pages' },
      h('button', { className: 'quiet turn', 'aria-label': 'Previous page', title: 'Previous page', disabled: pageNumber <= 1, onClick: () => worklist.turn(-1) }, '←'),
      h('span', { className: 'page-place' }, `${pageNumber} / ${nPages}`),
      h('button', { className: 'quiet turn', 'aria-label': 'Next page', title: 'Next page', disabled: pageNumber >= nPages, onClick: () => worklist.turn(1) }, '→')));
}

/** @param {{worklist: SuspectWorklist}} props */
function Count({ worklist }) {
  const { isNarrowed, nMatching, nRanked, nSuspects } = worklist;
  const [many, of] = isNarrowed
    ? [nMatching.toLocaleString('en'), `of ${countText(nSuspects, 'suspect')} match the filter`]
    : [countText(nMatching, 'suspect'), `of ${countText(nRanked, 'label')}`];
  return h('span', { className: 'suspects-count', title: `${many} ${of}. ${RANKED_HINT}` }, h('strong', null, many), ' ', h('span', { className: 'dim' }, of));
}

/** @param {{worklist: SuspectWorklist}} props */
function Cards({ worklist }) {
  const state = useStore(worklist);
  const list = useFollowedCurrent(state.current, takeFocus(worklist));
  const page = useRef(worklist.list);
  if (page.current !== worklist.list && !worklist.isTurning) { // another page begins at its top
    page.current = worklist.list;
    list.current?.parentElement?.scrollTo({ top: 0 });
  }
  const cards = /** @type {SuspectCard[]} */ (state.cards);
  const stop = state.current ?? cards[0]?.id;
  return h('div', { className: 'card-list' },
    h('div', { className: 'scroller' },
      h('div', { ref: list, className: cardsClass(worklist.tools), role: 'list', 'aria-label': 'Suspects' },
        cards.map((card) => h(SuspectCardView, {
          key: card.id, card, worklist, isCurrent: card.id === state.current, isMarked: state.marked.has(card.id), isStop: card.id === stop,
        })))),
    cards.length > 0 && h(BulkBar, { worklist, noun: 'suspect' }));
}

/** @param {{card: SuspectCard, worklist: SuspectWorklist, isCurrent: boolean, isMarked: boolean, isStop: boolean}} props */
function SuspectCardView({ card, worklist, isCurrent, isMarked, isStop }) {
  const { tools } = worklist;
  const place = placeText(card.points[0]);
  const mates = card.points.slice(1, 1 + MOST_MATES);
  return h('div', {
    role: 'listitem', tabIndex: isStop ? 0 : -1, 'data-card': card.id, 'data-point-id': card.id, 'aria-current': isCurrent || undefined,
    className: `card suspect${isCurrent ? ' is-current' : ''}${isMarked ? ' is-marked' : ''}${card.skippedBy === null ? '' : ' is-skipped'}`,
    onClick: (/** @type {MouseEvent} */ event) => clickCard(event, card.id, worklist),
  },
  h('button', { className: 'card-mark', 'data-mark': '', tabIndex: -1, 'aria-pressed': isMarked, title: 'Mark (Space)', 'aria-label': `Mark suspect ${card.rank}` }),
  h('img', { src: tools.api.cropUrl(card.id, CROP_PX), alt: '' }),
  h('span', { className: 'card-words' },
    h(ClassPair, { tools, given: card.points[0].class_name, suggested: card.suggested, words: ['given ', ', rather '] }),
    h('span', { className: 'card-reason', title: fullReason(card) }, breakable(cardReason(card))),
    mates.length > 0 && h('span', { className: 'suspect-mates' },
      mates.map(({ id }) => h('img', { key: id, src: tools.api.cropUrl(id, MATE_PX), alt: '' }))),
    h('span', { className: 'card-place', title: place },
      h('b', { title: `Suspect score ${card.score?.toFixed(3)}, a rank: 1 is the worst` }, card.rank), ' ', h('span', { className: 'place' }, place)),
    card.skippedBy !== null && h('span', { className: 'card-state is-skip' }, `${DONE_WORDS.skip} · ${card.skippedBy}`)),
  h(VerdictKeys, { card, worklist }));
}

/** @param {{card: SuspectCard, worklist: SuspectWorklist}} props buttons as small as the keys that they stand for */
function VerdictKeys({ card, worklist }) {
  const given = card.points[0].class_name ?? '';
  const whom = card.points.length > 1 ? ` all ${card.points.length}` : '';
  /** @type {[Verdict, string][]} */
  const buttons = [
    ['accept', `Accept${whom}: it is ${card.suggested}`], ['dismiss', `Keep${whom}: ${given} is right`], ['skip', `Later${whom}: decide it then`],
  ];
  const judge = (/** @type {MouseEvent} */ event, /** @type {Verdict} */ verdict) => {
    event.stopPropagation();
    if (document.activeElement === event.currentTarget) worklist.focused = verdict;
    worklist.judge(card, verdict);
  };
  return h('span', { className: 'verdict-keys' },
    buttons.map(([verdict, words]) => h('button', {
      key: verdict, className: `verdict is-${verdict}`, title: `${shortenName(words, 80)} (${verdict[0]})`, 'aria-label': words,
      'aria-keyshortcuts': verdict[0], onClick: (/** @type {MouseEvent} */ event) => judge(event, verdict),
    }, h('kbd', null, verdict[0]), h('span', { className: 'by-finger' }, words.split(/[ :]/, 1)))));
}

export const SUSPECTS = {
  key: 'suspects', isNarrowed: true, title: 'Suspects', hint: 'Labels that their neighborhood contradicts',
  create: (/** @type {import('./card_worklist.mjs').Tools} */ tools) => new SuspectWorklist(tools), View,
};
