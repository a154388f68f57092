/** The parts of the inspector that tell of the point: its class, its verdict and its payload. */

import { breakable } from '../cards.mjs';
import { classLabel, shortenReason } from '../worklists/names.mjs';
import { h, useStore } from '../worklists/react.mjs';
import { DONE_WORDS } from '../review_words.mjs';
import { comparedNames, momentText, payloadRows, verdictButtons } from './point_words.mjs';

/** @typedef {import('./point_store.mjs').PointStore} PointStore */
/** @typedef {import('./point_store.mjs').Point} Point */
/** @typedef {import('./point_store.mjs').Review} Review */
/** @typedef {import('../class_colors.mjs').ColorOf} ColorOf */
/** @typedef {{store: PointStore, colorOf: ColorOf}} Props */

const CROP_PX = 128;
/** Letters of the buttons that fit side by side. */
const LONGEST_ROW = 24;

/** @param {Props} props */
export function PointTitle({ store, colorOf }) {
  const { point, suspect, id, isAsking, fault, isUnknown } = useStore(store);
  if (fault) {
    return h('div', { className: 'point-fault', role: 'alert' },
      h('p', null, fault),
      h('p', { className: 'row' },
        !isUnknown && h('button', { className: 'act', onClick: () => store.askAgain() }, 'Retry'),
        h('button', { className: 'act', 'data-similar': 'leave' }, 'Close')));
  }
  return [
    isAsking && point?.id !== id && h('p', { key: 'asking', className: 'point-asking dim is-late', role: 'status' }, 'Loading the point …'),
    point && h('img', { key: 'crop', src: store.api.cropUrl(point.id, CROP_PX), alt: '' }),
    point && h(Given, { key: 'names', point, suspect, colorOf }),
  ];
}

/** @param {{point: Point, suspect: import('./point_store.mjs').Suspect | null | undefined, colorOf: ColorOf}} props */
function Given({ point, suspect, colorOf }) {
  const { given, areLong } = comparedNames(point, suspect);
  return h('div', { className: `claim point-names${areLong ? ' is-long' : ''}`, title: classLabel(point.class_name) },
    h('span', { className: 'dim' }, 'given'),
    h('span', { className: 'swatch', style: { '--swatch': colorOf(point.class_name) } }),
    h('span', { className: 'point-class' }, breakable(given)));
}

/**
 * The verdict that stands and can be taken back, or the buttons that give one, and below them what speaks for it. What was
 * left for later has both.
 * @param {Props} props
 */
export function PointVerdict({ store, colorOf }) {
  const { point, suspect } = useStore(store);
  if (point === null) return null;
  const judged = { 'data-judged': point.id, 'data-collection': store.collection, 'data-given-class': point.class_name || undefined };
  /** @type {Review | undefined} */
  const review = point.payload.review;
  const isOver = review !== undefined && review.verdict !== 'skip';
  const open = isOver ? undefined : suspect;
  return [
    open && h(Suggested, { key: 'claim', point, suspect: open, colorOf }),
    open !== undefined && h(Buttons, { key: 'buttons', point, suspect: open, judged, isLater: review !== undefined }),
    review && h(Standing, { key: 'standing', review, judged, colorOf }),
    open && h(Reason, { key: 'reason', point, suspect: open }),
  ];
}

/** @param {{point: Point, suspect: import('./point_store.mjs').Suspect | null, judged: Record<string, string | undefined>, isLater: boolean}} props `isLater` if it was left for later before */
function Buttons({ point, suspect, judged, isLater }) {
  const group = suspect?.group?.length ? suspect.group.join(' ') : undefined;
  const verdicts = verdictButtons(point, suspect).filter(({ verdict }) => !isLater || verdict !== 'skip');
  return h('div', { className: buttonsClass(verdicts) }, verdicts.map(({ verdict, words, title, className }) => h('button', {
    key: verdict, className: `verdict is-${verdict}`, title, 'aria-keyshortcuts': verdict[0],
    ...judged, 'data-group': group, 'data-verdict': verdict, 'data-class-name': className ?? undefined,
  }, h('span', null, breakable(words)), h('kbd', { 'aria-hidden': true }, verdict[0]))));
}

/** @param {{point: Point, suspect: import('./point_store.mjs').Suspect, colorOf: ColorOf}} props */
function Suggested({ point, suspect, colorOf }) {
  const { suggested, areLong } = comparedNames(point, suspect);
  return h('div', { className: 'point-claim' },
    h('div', { className: `claim${areLong ? ' is-long' : ''}`, title: suspect.suggested_class },
      h(Claim, { words: 'looks like', name: suspect.suggested_class, text: suggested, colorOf })));
}

/** @param {{point: Point, suspect: import('./point_store.mjs').Suspect}} props what speaks against the label */
function Reason({ point, suspect }) {
  return h('div', { className: 'point-reason', title: shortenReason(suspect.reason, [classLabel(point.class_name), suspect.suggested_class]) }, breakable(comparedNames(point, suspect).reason));
}

/** @param {import('./point_words.mjs').VerdictButton[]} verdicts @returns {string} a wide one has a line of its own */
function buttonsClass(verdicts) {
  const nLetters = verdicts.reduce((sum, { words }) => sum + words.length, 0);
  return nLetters > LONGEST_ROW ? 'verdict-buttons are-wide' : 'verdict-buttons';
}

/** @param {{review: Review, judged: Record<string, string | undefined>, colorOf: ColorOf}} props */
function Standing({ review, judged, colorOf }) {
  return h('div', { className: 'point-claim' },
    h('div', { className: 'claim is-done' },
      h('span', null, DONE_WORDS[review.verdict]),
      review.verdict === 'accept' && h(Claim, { words: 'as', name: review.class_name, colorOf }),
      h('span', { className: 'dim', title: momentText(review.at) }, `by ${review.who}`),
      h('button', { className: 'quiet', ...judged, 'data-undo': review.id }, 'Undo')));
}

/** @param {{words: string, name: string | null, text?: string, colorOf: ColorOf}} props `text` if it is shown shorter */
function Claim({ words, name, text = classLabel(name), colorOf }) {
  return [
    h('span', { key: 'words', className: 'dim' }, words),
    h('span', { key: 'swatch', className: 'swatch', style: { '--swatch': colorOf(name) } }),
    h('strong', { key: 'name' }, breakable(text)),
  ];
}

/** @param {{store: PointStore}} props */
export function PointPayload({ store }) {
  const { point } = useStore(store);
  if (point === null) return null;
  const { plain, technical } = payloadRows(point.payload);
  return [
    h(PayloadTable, { key: 'plain', rows: plain }),
    h('details', { key: 'all' }, h('summary', null, 'All fields'), h(PayloadTable, { rows: [...technical, ['Point id', point.id]] })),
  ];
}

/** @param {{rows: import('./point_words.mjs').Rows}} props */
function PayloadTable({ rows }) {
  return h('table', { className: 'payload' }, h('tbody', null,
    rows.map(([name, value]) => h('tr', { key: name }, h('th', { scope: 'row' }, name), h('td', { title: value }, value)))));
}
