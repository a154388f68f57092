/** Worklist of points that look the same: groups side by side, those with a conflict or a leak first. */

import { shortNameAmong } from '../../map/short_names.mjs';
import { Absent, breakable, BulkBar, ClassName, clickCard, JudgedState, MoreButton, useFollowedCurrent } from '../cards.mjs';
import { DuplicateWorklist, troubleOf } from './duplicate_groups.mjs';
import { classLabel, countText, placeText } from './names.mjs';
import { h, useState, useStore } from './react.mjs';

/** @typedef {import('./duplicate_groups.mjs').GroupCard} GroupCard */
/** @typedef {import('./card_worklist.mjs').PointOfCard} PointOfCard */

const CROP_PX = 128;
const SHOWN = 12;
/** @type {[import('./duplicate_groups.mjs').Kind, string][]} */
const KINDS = [['all', 'All'], ['conflict', 'Conflicts'], ['leak', 'Leaks']];

const KIND_HINTS = { all: '', conflict: 'Look-alikes of different classes', leak: 'Look-alikes in several datasets, such as train and val' };

/** @param {{worklist: DuplicateWorklist}} props */
function View({ worklist }) {
  const state = useStore(worklist);
  const isThere = state.status === 'ready' && (state.cards.length > 0 || worklist.kind !== 'all');
  return h('div', { className: 'worklist' },
    h('div', { className: 'list-head' },
      isThere && h('strong', null, countText(worklist.kind === 'all' ? worklist.nGroups : state.cards.length, 'group')),
      h('span', { className: 'choices', role: 'group', 'aria-label': 'Groups' },
        KINDS.map(([kind, words]) => h('button', {
          key: kind, title: KIND_HINTS[kind], 'aria-pressed': kind === worklist.kind, onClick: () => worklist.narrow(kind),
        }, words))),
      h('span', { className: 'spacer' }),
      h(Threshold, { worklist })),
    isThere
      ? h(Groups, { worklist })
      : h(Absent, { worklist, noun: 'duplicate', empty: 'No two points are this similar. Lower the similarity to see near-duplicates.', isNarrowed: true }));
}

/** @param {{worklist: DuplicateWorklist}} props */
function Groups({ worklist }) {
  const state = useStore(worklist);
  const list = useFollowedCurrent(state.current);
  const cards = /** @type {GroupCard[]} */ (state.cards);
  const stop = state.current ?? cards[0]?.id;
  return h('div', { className: 'card-list' },
    h('div', { className: 'scroller' },
      h('div', { ref: list, className: 'groups', role: 'list', 'aria-label': 'Groups of look-alikes' },
        cards.map((card) => h(Group, {
          key: card.id, card, worklist, isCurrent: card.id === state.current, isMarked: state.marked.has(card.id), isStop: card.id === stop,
        }))),
      cards.length === 0 && h('p', { className: 'dock-absent' }, 'No group of this kind.'),
      state.hasMore && h(MoreButton, { worklist })),
    cards.length > 0 && h(BulkBar, { worklist, noun: 'group' }));
}

/** @param {{worklist: DuplicateWorklist}} props */
function Threshold({ worklist }) {
  const [value, setValue] = useState(worklist.threshold);
  const apply = () => { if (value !== worklist.threshold) worklist.compareAt(value); };
  return h('label', { className: 'threshold' },
    h('span', { className: 'dim' }, 'Similarity from'),
    h('input', {
      type: 'range', min: 0.8, max: 1, step: 0.005, value, 'aria-label': 'Lowest similarity',
      onChange: (/** @type {any} */ event) => setValue(Number(event.target.value)), onPointerUp: apply, onKeyUp: apply, onBlur: apply,
    }),
    h('output', null, `${(100 * value).toFixed(1)} %`));
}

/** @param {{card: GroupCard, worklist: DuplicateWorklist, isCurrent: boolean, isMarked: boolean, isStop: boolean}} props */
function Group({ card, worklist, isCurrent, isMarked, isStop }) {
  const [isLong, setLong] = useState(false);
  const shown = isLong ? card.points : card.points.slice(0, SHOWN);
  const trouble = troubleOf(card.group);
  return h('div', {
    role: 'listitem', tabIndex: isStop ? 0 : -1, 'data-card': card.id, 'aria-current': isCurrent || undefined,
    className: `group${card.points.length > 3 ? ' is-wide' : ''}${isCurrent ? ' is-current' : ''}${isMarked ? ' is-marked' : ''}`,
    onClick: (/** @type {MouseEvent} */ event) => clickCard(event, card.id, worklist),
  },
  h('div', { className: 'group-head' },
    h('button', { className: 'card-mark', 'data-mark': '', 'aria-pressed': isMarked, title: 'Mark (Space)', 'aria-label': 'Mark this group' }),
    h('span', null, card.reason),
    card.classes.length === 1 && h(ClassName, { tools: worklist.tools, name: card.classes[0].name }),
    trouble.map(({ words, title }) => h('span', { key: words, className: 'badge', title }, breakable(words))),
    h(JudgedState, { tools: worklist.tools, points: card.points }),
    h('span', { className: 'spacer' }),
    h(GroupActions, { card, worklist })),
  h('div', { className: `mates${card.classes.length > 1 ? ' has-names' : ''}` },
    shown.map((point) => h(Mate, { key: point.id, point, worklist, isNamed: card.classes.length > 1 })),
    shown.length < card.points.length
      && h('button', { className: 'act', onClick: () => setLong(true) }, `${card.points.length - shown.length} more`)));
}

/** @param {{card: GroupCard, worklist: DuplicateWorklist}} props */
function GroupActions({ card, worklist }) {
  if (!DuplicateWorklist.isWhole(card)) {
    return h('span', { className: 'dim' }, `The first ${card.points.length} are shown; raise the similarity to judge smaller groups.`);
  }
  const isMixed = card.group.has_class_conflict;
  return h('span', { className: 'group-actions' },
    isMixed && card.classes.slice(0, 4).map(({ name }, place) => h('button', {
      key: name, className: 'act', 'data-once': '', title: `One class for all: ${name} (${place + 1})`, onClick: () => worklist.unify(card, name),
    }, `All are ${shortNameAmong(worklist.tools.collection.classes, classLabel(name), 24)}`, h('kbd', null, String(place + 1)))),
    h('button', {
      className: 'act', title: 'Selects all but the first, to export and remove them', onClick: () => worklist.selectOthers(card),
    }, 'Keep one'));
}

/** @param {{point: PointOfCard, worklist: DuplicateWorklist, isNamed: boolean}} props a class that all share is named once */
function Mate({ point, worklist, isNamed }) {
  const { tools } = worklist;
  const place = placeText(point);
  return h('button', { className: 'mate', 'data-point-id': point.id, title: `${classLabel(point.class_name)}\n${place}` },
    h('img', { src: tools.api.cropUrl(point.id, CROP_PX), alt: '', loading: 'lazy' }),
    isNamed && h(ClassName, { tools, name: point.class_name }),
    h('span', { className: 'card-place' }, place));
}

export const DUPLICATES = {
  key: 'duplicates', title: 'Duplicates', isNarrowed: true, hint: 'Points that look the same',
  create: (/** @type {import('./card_worklist.mjs').Tools} */ tools) => new DuplicateWorklist(tools), View,
};
