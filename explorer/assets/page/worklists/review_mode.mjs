/** One suspect at a time, large, with examples of both classes: what a worklist is at full height. */

import { breakable, ClassField, ClassName, ClassPair, fullReason, KeyHints } from '../cards.mjs';
import { SwipeCard } from '../phone/swipe_card.mjs';
import { DONE_WORDS } from '../review_words.mjs';
import { ExampleButton } from './example_button.mjs';
import { classLabel, placeText, shortenPair } from './names.mjs';
import { h, useEffect, useStore } from './react.mjs';

/** @typedef {import('./suspect_worklist.mjs').SuspectWorklist} SuspectWorklist */
/** @typedef {import('./suspect_card.mjs').SuspectCard} SuspectCard */

const CROP_PX = 640;
const EXAMPLE_PX = 160;
const MATE_PX = 96;
/** Letters of a class name on a button; there is room for two lines. */
const LONGEST_WANTED = 60;
/** Letters of a class name beside what is judged. */
const LONGEST_SUBJECT = 80;

/** @param {{worklist: SuspectWorklist}} props */
export function ReviewMode({ worklist }) {
  const { current, cards } = useStore(worklist);
  const card = /** @type {SuspectCard | undefined} */ (cards.find(({ id }) => id === current));
  const next = /** @type {SuspectCard | undefined} */ (cards[cards.findIndex(({ id }) => id === current) + 1]);
  useEffect(() => { if (current === null && !worklist.isTurning) worklist.walk(1); }, [current, cards.length, worklist.isTurning]);
  useEffect(() => {
    for (const one of [card, next]) if (one) worklist.examples.ask(one.suspect);
    if (next) new Image().src = worklist.tools.api.cropUrl(next.id, CROP_PX);
  }, [card?.id, next?.id]);
  if (!card) {
    const words = cards.length > 0 || worklist.awaited !== null || worklist.isTurning ? 'Loading the next suspect …' : 'All of these are judged.';
    return h('div', { className: 'dock-absent', role: 'status' }, h('p', null, words));
  }
  return h('div', { className: 'review-mode', role: 'group', 'aria-label': 'Suspect under review' },
    h(Progress, { worklist }),
    h(SwipeCard, {
      key: card.id, words: { accept: `→ ${classLabel(card.suggested)}`, dismiss: `Keep ${classLabel(card.points[0].class_name)}` },
      judge: (/** @type {'accept' | 'dismiss'} */ verdict) => { if (verdict === 'accept') worklist.accept(null); else worklist.settle('dismiss'); },
    },
    h(Body, { card, worklist })),
    h(Verdicts, { card, worklist }));
}

/** @param {{card: SuspectCard, worklist: SuspectWorklist}} props the suspect and its examples; it scrolls where room is little, and takes the focus itself if no button in it can */
function Body({ card, worklist }) {
  const found = useStore(worklist.examples).ofCard.get(card.id);
  const hasButtons = card.points.length > 1 || (found && found.given.length + found.suggested.length > 0);
  return h('div', { className: 'review-body', tabIndex: hasButtons ? undefined : 0 },
    h(Subject, { card, worklist }),
    h('div', { className: 'review-examples' },
      h(ExamplesOf, { card, worklist, kind: 'given' }),
      h(ExamplesOf, { card, worklist, kind: 'suggested' }),
      h('p', { className: 'evidence-note' }, 'neighbors that the reason counts')));
}

/** @param {{worklist: SuspectWorklist}} props */
function Progress({ worklist }) {
  const { number, total, nJudged } = worklist.progress;
  const words = `${number.toLocaleString('en')} of ${total.toLocaleString('en')}`;
  return h('div', { className: 'review-progress' },
    h('strong', { role: 'status' }, words),
    h('progress', { max: total, value: number, 'aria-label': `Suspect ${words}` }),
    h('span', { className: 'dim' }, nJudged === 0 ? 'none judged yet on this page' : `${nJudged.toLocaleString('en')} judged since the page was opened`));
}

/** @param {{card: SuspectCard, worklist: SuspectWorklist}} props what is judged, and why */
function Subject({ card, worklist }) {
  const { tools } = worklist;
  const [point, ...mates] = card.points;
  const place = placeText(point);
  return h('div', { className: 'review-subject' },
    h('img', { className: 'review-crop', src: tools.api.cropUrl(card.id, CROP_PX), alt: `The object labelled ${classLabel(point.class_name)}` }),
    h('div', { className: 'review-words' },
      h(ClassPair, { tools, given: point.class_name, suggested: card.suggested, longest: LONGEST_SUBJECT }),
      h('p', { className: 'review-reason' }, fullReason(card)),
      h('p', { className: 'dim' }, `${card.rank} `, breakable(place)),
      card.skippedBy !== null && h('span', { className: 'card-state is-skip' }, `${DONE_WORDS.skip} · ${card.skippedBy}`),
      mates.length > 0 && h('div', { className: 'review-mates', role: 'group', 'aria-label': `All ${card.points.length} of the group` },
        mates.map(({ id }) => h('button', { key: id, className: 'example', 'data-point-id': id, title: 'Look at it' },
          h('img', { src: tools.api.cropUrl(id, MATE_PX), alt: 'Another object of the group', loading: 'lazy' }))))));
}

/** @param {{card: SuspectCard, worklist: SuspectWorklist, kind: 'given' | 'suggested'}} props its nearest neighbors of one class */
function ExamplesOf({ card, worklist, kind }) {
  const { ofCard } = useStore(worklist.examples);
  const { tools } = worklist;
  const found = ofCard.get(card.id);
  const name = kind === 'given' ? card.points[0].class_name : card.suggested;
  const words = kind === 'given' ? 'Nearest labelled' : 'Nearest that are';
  return h('section', { className: 'review-class', 'aria-label': `${words} ${classLabel(name)}` },
    h('h3', null, h('span', { className: 'dim' }, words), h(ClassName, { tools, name, longest: LONGEST_SUBJECT })),
    found?.message && h('p', { className: 'warning' }, found.message),
    found && !found.message && found[kind].length === 0 && h('p', { className: 'dim' }, 'There is no other.'),
    h('div', { className: 'example-row', 'aria-busy': !found }, (found?.[kind] ?? []).map((one) => h(ExampleButton, {
      key: one.point.id, one, evidence: card.suspect.evidence, pictureUrl: (/** @type {string} */ id) => tools.api.cropUrl(id, EXAMPLE_PX),
    }))));
}

/** @param {{card: SuspectCard, worklist: SuspectWorklist}} props */
function Verdicts({ card, worklist }) {
  const { nAsked } = useStore(worklist);
  const [given, suggested] = shortenPair(classLabel(card.points[0].class_name), classLabel(card.suggested), LONGEST_WANTED);
  const all = card.points.length > 1 ? `, all ${card.points.length}` : '';
  return h('div', { className: 'review-verdicts', role: 'toolbar', 'aria-label': 'Verdict' },
    h('button', { className: 'act is-main', 'aria-keyshortcuts': 'a', onClick: () => worklist.accept(null) }, h('span', null, breakable(`→ ${suggested}${all}`)), h('kbd', null, 'a')),
    h('button', { className: 'act', 'aria-keyshortcuts': 'd', onClick: () => worklist.settle('dismiss') }, h('span', null, breakable(`Keep ${given}${all}`)), h('kbd', null, 'd')),
    h('button', { className: 'act', 'aria-keyshortcuts': 's', onClick: () => worklist.settle('skip') }, 'Later', h('kbd', null, 's')),
    h(ClassField, { worklist, nAsked }),
    h('button', { className: 'act', 'aria-keyshortcuts': 'u', onClick: () => worklist.tools.undoLast() }, 'Undo', h('kbd', null, 'u')),
    h('span', { className: 'spacer' }),
    h(KeyHints, { keys: [['j', ''], ['k', 'next and previous'], ['c', 'another class']] }));
}
