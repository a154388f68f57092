/** The one kind of card, the list of them with its bulk bar, and what a list shows while it has none. */

import { shortNameAmong } from '../map/short_names.mjs';
import { DONE_WORDS } from './review_words.mjs';
import { PlatformActions } from './supervisely/actions.mjs';
import { h, useEffect, useRef, useState, useStore } from './worklists/react.mjs';
import { bestMatch, classLabel, countText, isolated, LONGEST_NAME, placeText, shortenPair, shortenReason } from './worklists/names.mjs';

/** @typedef {import('./worklists/card_worklist.mjs').Card} CardOfList */
/** @typedef {import('./worklists/card_worklist.mjs').CardWorklist} CardWorklist */
/** @typedef {import('./worklists/card_worklist.mjs').Tools} Tools */
/** @typedef {import('./worklists/judged.mjs').Judged} Judged */

const CROP_PX = 160;
const N_SKELETONS = 6;
/** Letters of a class on a button. */
const LONGEST_VERB = 18;
/** Letters of a class that is short enough for a third column of cards. */
const LONGEST_NARROW = 24;

/** @param {string} text of a name @returns {any[]} the text, which may break after the marks that names are made of */
export function breakable(text) {
  const marks = /[/-]/.test(text) ? /(?<=[/-])/ : /(?<=_)/;
  return text.split(marks).flatMap((part, place) => (place > 0 ? [h('wbr', { key: place }), part] : [part]));
}

// ---- words ----------------------------------------------------------------------------------------------------------

/**
 * A class: its colour and its name.
 * @param {{tools: Tools, name: string | null, longest?: number, text?: string, kind?: string}} props
 */
export function ClassName({ tools, name, longest = LONGEST_NAME, text = shortNameAmong(tools.collection.classes, classLabel(name), longest), kind = '' }) {
  return h('span', { className: `class-name ${kind}`, title: classLabel(name) },
    h('span', { className: 'swatch', style: { '--swatch': tools.collection.colors[name ?? ''] ?? 'var(--line)' } }),
    h('span', null, breakable(text)));
}

/**
 * Given above suggested class, each in full width.
 * @param {{tools: Tools, given: string | null, suggested: string | null, words?: string[], longest?: number}} props
 */
export function ClassPair({ tools, given, suggested, words = ['given ', ', rather '], longest = LONGEST_NAME }) {
  if (suggested === null) return h('span', { className: 'class-pair' }, h(ClassName, { tools, name: given, longest }));
  const [short, shortSuggested] = shortenPair(classLabel(given), classLabel(suggested), longest);
  return h('span', { className: 'class-pair' },
    h('span', { className: 'visually-hidden' }, words[0]),
    h(ClassName, { tools, name: given, text: short, kind: 'is-given' }),
    h('span', { className: 'visually-hidden' }, words[1]),
    h(ClassName, { tools, name: suggested, text: shortSuggested, kind: 'is-suggested' }));
}

/** @param {CardOfList} card @returns {string} its reason, with the names of classes in full */
export function fullReason({ points: [point], suggested, reason }) {
  return suggested === null ? reason : shortenReason(reason, [classLabel(point.class_name), suggested]);
}

/** @param {CardOfList} card @returns {string} its reason, with the names of classes as the card shows them */
export function cardReason({ points: [point], suggested, reason }) {
  if (suggested === null) return reason;
  /** @type {[string, string]} */
  const names = [classLabel(point.class_name), suggested];
  return shortenReason(reason, names, shortenPair(...names, LONGEST_NAME));
}

/** @param {Tools} tools @returns {string} class of a grid of cards */
export function cardsClass({ collection: { classes } }) {
  return classes.some(({ length }) => length > LONGEST_NARROW) ? 'cards has-long-names' : 'cards';
}

/** @param {Judged} judged @returns {string} such as "accepted as 9 · Ann" */
export function judgedWords({ verdict, className, who }) {
  const words = verdict === 'accept' ? `accepted as ${isolated(className ?? 'suggested')}` : DONE_WORDS[verdict];
  return `${words} · ${who ?? 'being recorded …'}`;
}

/**
 * What became of a card; nothing before it is judged.
 * @param {{tools: Tools, points: {id: string}[]}} props
 */
export function JudgedState({ tools, points }) {
  const { ofPoint } = useStore(tools.judged);
  const judged = points.map(({ id }) => ofPoint.get(id)).find(Boolean);
  return judged ? h('span', { className: `card-state is-${judged.verdict}` }, judgedWords(judged)) : null;
}

/** @param {{keys: [string, string][]}} props keys and what they do */
export function KeyHints({ keys }) {
  return h('p', { className: 'key-hints' },
    keys.map(([key, words]) => h('span', { key }, h('kbd', null, key), ` ${words}`)));
}

// ---- a list of cards ------------------------------------------------------------------------------------------------

/**
 * One card of a point.
 * @param {{card: CardOfList, worklist: CardWorklist, isCurrent: boolean, isMarked: boolean, isStop: boolean}} props
 */
export function Card({ card, worklist, isCurrent, isMarked, isStop }) {
  const { tools } = worklist;
  const [point] = card.points;
  const place = placeText(point);
  return h('div', {
    role: 'option', 'aria-selected': isMarked, 'aria-current': isCurrent || undefined, tabIndex: isStop ? 0 : -1,
    className: `card${isCurrent ? ' is-current' : ''}${isMarked ? ' is-marked' : ''}`,
    'data-point-id': point.id, 'data-card': card.id,
    onClick: (/** @type {MouseEvent} */ event) => clickCard(event, card.id, worklist),
  },
  h('span', { className: 'card-mark', 'data-mark': '', title: 'Mark (Space)', 'aria-hidden': true }),
  h('img', { src: tools.api.cropUrl(point.id, CROP_PX), alt: '', loading: 'lazy' }),
  h('span', { className: 'card-words' },
    h(ClassPair, { tools, given: point.class_name, suggested: card.suggested }),
    h('span', { className: 'card-reason', title: fullReason(card) }, breakable(cardReason(card))),
    h('span', { className: 'card-place', title: place }, card.rank && h('b', { title: card.score === undefined ? '' : `Score ${card.score.toFixed(3)}, a rank: 1 is the most` }, `${card.rank} `), place),
    h(JudgedState, { tools, points: card.points })));
}

/**
 * A click looks at the point (the page does that); on the mark, or with Shift or Ctrl, it marks.
 * @param {MouseEvent} event
 * @param {string} id
 * @param {CardWorklist} worklist
 */
export function clickCard(event, id, worklist) {
  const isMark = event.target instanceof Element && event.target.closest('[data-mark]') !== null;
  if (!isMark && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
    worklist.set({ current: id });
    return;
  }
  event.stopPropagation();
  event.preventDefault();
  worklist.mark(id, event.shiftKey);
}

/**
 * The cards of a worklist with what can be done to them.
 * @param {{worklist: CardWorklist, label: string, noun: string, empty: string, isNarrowed?: boolean}} props
 */
export function CardList({ worklist, label, noun, empty, isNarrowed }) {
  const state = useStore(worklist);
  const list = useFollowedCurrent(state.current);
  if (state.status !== 'ready' || state.cards.length === 0) return h(Absent, { worklist, noun, empty, isNarrowed });
  const stop = state.current ?? state.cards[0].id;
  return h('div', { className: 'card-list' },
    h('div', { className: 'scroller' },
      h('div', { ref: list, className: cardsClass(worklist.tools), role: 'listbox', 'aria-label': label, 'aria-multiselectable': true },
        state.cards.map((card) => h(Card, {
          key: card.id, card, worklist, isCurrent: card.id === state.current, isMarked: state.marked.has(card.id),
          isStop: card.id === stop,
        }))),
      state.hasMore && h(MoreButton, { worklist })),
    h(BulkBar, { worklist, noun }));
}

/** @param {{worklist: CardWorklist}} props */
export function MoreButton({ worklist }) {
  const [isBusy, setBusy] = useState(false);
  const more = async () => {
    setBusy(true);
    await worklist.more();
    setBusy(false);
  };
  return h('button', { className: 'more', disabled: isBusy, onClick: more }, isBusy ? 'Loading …' : 'Show more');
}

/**
 * Brings the current card into view and to the keyboard, but takes the focus from no other part of the page.
 * @param {string | null} current
 * @param {(card: HTMLElement) => HTMLElement} takeFocus gives the part of the card that takes the focus
 * @returns {{current: any}} ref of the element that holds the cards
 */
export function useFollowedCurrent(current, takeFocus = (card) => card) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const card = current === null ? null : list.current?.querySelector(`[data-card="${CSS.escape(current)}"]`);
    if (!(card instanceof HTMLElement)) return;
    card.scrollIntoView({ block: 'nearest' });
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.closest('.dock')) takeFocus(card).focus({ preventScroll: true });
  }, [current]);
  return list;
}

// ---- judging many ---------------------------------------------------------------------------------------------------

/** @param {CardOfList[]} targets @returns {string | null} the class that all suggest, if they agree */
const sharedSuggestion = (targets) => {
  const suggested = new Set(targets.map((card) => card.suggested));
  return suggested.size === 1 ? [...suggested][0] : null;
};

/** @param {CardOfList[]} targets @param {string[]} classes @returns {string} what keeping their labels is called */
const keepWords = (targets, classes) => {
  const given = new Set(targets.flatMap(({ points }) => points.map((point) => point.class_name)));
  return given.size === 1 ? `Keep ${shortNameAmong(classes, classLabel([...given][0]), LONGEST_VERB)}` : 'Keep labels';
};

/**
 * Judges all marked cards; the current one if none is marked.
 * @param {{worklist: CardWorklist, noun: string}} props
 */
export function BulkBar({ worklist, noun }) {
  const state = useStore(worklist);
  const { targets, tools: { collection: { classes } } } = worklist;
  if (targets.length === 0) return h(ListHints, { worklist });
  const shared = sharedSuggestion(targets);
  const canAccept = targets.every(({ suggested }) => suggested !== null);
  const canKeep = targets.some(({ points }) => points.some((point) => point.class_name));
  const count = state.marked.size > 0 ? `${targets.length.toLocaleString('en')} marked` : `1 ${noun}`;
  return h('div', { className: 'bulk-bar', role: 'toolbar', 'aria-label': 'Judge the marked' },
    h('strong', { 'aria-live': 'polite' }, count),
    canAccept && h('button', { className: 'act is-main', onClick: () => worklist.accept(null), 'aria-keyshortcuts': 'a' },
      shared === null ? 'Accept suggested classes' : `→ ${shortNameAmong(classes, shared, LONGEST_VERB)}`, h('kbd', null, 'a')),
    canKeep && h('button', { className: 'act', onClick: () => worklist.settle('dismiss'), 'aria-keyshortcuts': 'd' },
      keepWords(targets, classes), h('kbd', null, 'd')),
    h('button', { className: 'act', onClick: () => worklist.settle('skip'), 'aria-keyshortcuts': 's' }, 'Later', h('kbd', null, 's')),
    h(ClassField, { worklist, nAsked: state.nAsked }),
    h(PlatformActions, { tools: worklist.tools, readIds: async () => targets.flatMap(({ points }) => points.map(({ id }) => id)) }),
    h('span', { className: 'spacer' }),
    state.marked.size < state.cards.length
      && h('button', { className: 'quiet', onClick: () => worklist.markAll() }, `Mark all ${state.cards.length.toLocaleString('en')}`),
    state.marked.size > 0 && h('button', { className: 'quiet', onClick: () => worklist.clear() }, 'Clear'));
}

/** @param {{worklist: CardWorklist}} props */
function ListHints({ worklist }) {
  const { cards } = useStore(worklist);
  return h('div', { className: 'bulk-bar' },
    h(KeyHints, { keys: [['j', ''], ['k', 'walk'], ['Space', 'mark'], ['Enter', 'look'], ['u', 'undo']] }),
    h('span', { className: 'spacer' }),
    h('button', { className: 'quiet', onClick: () => worklist.markAll() }, `Mark all ${cards.length.toLocaleString('en')}`));
}

/** The keyboard goes back to what the class was asked for. @param {HTMLElement | null} field */
function returnToList(field) {
  const list = field?.closest('.views-host')?.querySelector('[role=listbox], [role=grid]') ?? field?.closest('.worklist')?.querySelector('.is-current');
  if (list instanceof HTMLElement) list.focus({ preventScroll: true });
  else field?.blur();
}

/**
 * A class by name, for all targets.
 * @param {{worklist: CardWorklist, nAsked: number}} props
 */
export function ClassField({ worklist, nAsked }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [text, setText] = useState('');
  const { classes } = worklist.tools.collection;
  const isOne = worklist.targets.flatMap(({ points }) => points).length < 2;
  useEffect(() => { if (nAsked > 0) field.current?.focus(); }, [nAsked]);
  const wanted = bestMatch(classes, text);
  const accept = () => {
    if (wanted === null) return;
    setText('');
    returnToList(field.current);
    worklist.accept(wanted);
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter') accept();
    if (event.key === 'Escape') returnToList(field.current);
  };
  return h('span', { className: 'class-field' },
    h('input', {
      ref: field, value: text, list: 'dock-classes', placeholder: isOne ? 'Other class' : 'Class for all', 'aria-label': 'Class for all',
      'aria-keyshortcuts': 'c', title: 'Type a class, Enter accepts it (c)', onKeyDown: key,
      onChange: (/** @type {any} */ event) => setText(event.target.value),
    }),
    h('datalist', { id: 'dock-classes' }, classes.map((name) => h('option', { key: name, value: name }))),
    wanted !== null && h('button', { className: 'act is-main', 'data-once': '', onClick: accept }, `→ ${shortNameAmong(classes, wanted, LONGEST_VERB)}`));
}

// ---- nothing to show ------------------------------------------------------------------------------------------------

/**
 * Why a list has no cards: it is loading, it failed, or there is nothing, maybe because of the filter.
 * @param {{worklist: import('./worklists/store.mjs').Store<any> & {reload: () => any, tools: Tools}, noun: string, empty: string, isNarrowed?: boolean}} props `isNarrowed` if the page's filter narrows it
 */
export function Absent({ worklist, noun, empty, isNarrowed = false }) {
  const { status, message } = useStore(worklist);
  if (status === 'failed') {
    return h('div', { className: 'dock-absent', role: 'alert' },
      h('strong', null, 'This list could not be loaded'),
      h('p', null, message),
      h('button', { className: 'act is-main', onClick: () => worklist.reload() }, 'Retry'));
  }
  if (status === 'ready') return h('div', { className: 'dock-absent', role: 'status' }, h('p', null, message || empty), isNarrowed && h(ByFilter, { tools: worklist.tools }));
  return h('div', { className: 'cards', role: 'status', 'aria-label': `Loading ${noun}s` },
    Array.from({ length: N_SKELETONS }, (_, place) => h('div', { key: place, className: 'card is-skeleton' },
      h('span', { className: 'skeleton-crop' }),
      h('span', { className: 'card-words' }, h('span', { className: 'skeleton-line' }), h('span', { className: 'skeleton-line' })))));
}

/** Says that a filter is on, and takes it away. @param {{tools: Tools}} props */
function ByFilter({ tools }) {
  if (Object.keys(tools.api.conditions()).length === 0) return null;
  return [
    h('p', { key: 'why' }, 'Only points that fit the filter are listed.'),
    h('button', { key: 'clear', className: 'act', onClick: () => tools.clearFilter() }, 'Clear all'),
  ];
}

/** @param {{hint: string}} props what a list holds once there are points */
export function NothingYet({ hint }) {
  return h('div', { className: 'worklist' },
    h('div', { className: 'dock-absent', role: 'status' },
      h('strong', null, hint),
      h('p', null, 'They are listed here once images are indexed.'),
      h('button', { className: 'act', 'data-job': 'index' }, 'Index images…')));
}

/** @param {{count: number, noun: string, children?: any}} props the head of a worklist */
export function ListHead({ count, noun, children }) {
  return h('div', { className: 'list-head' }, h('strong', null, countText(count, noun)), children);
}
