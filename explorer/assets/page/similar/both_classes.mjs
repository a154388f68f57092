/** Below the neighbors of a suspect: the nearest of the class that it has, and of the one that it seems to be of. */

import { breakable } from '../cards.mjs';
import { ExampleButton } from '../worklists/example_button.mjs';
import { classLabel } from '../worklists/names.mjs';
import { h, useEffect, useStore } from '../worklists/react.mjs';

/** @typedef {import('../worklists/examples.mjs').Examples} Examples */
/** @typedef {import('../worklists/examples.mjs').Example} Example */
/** @typedef {import('../point/point_store.mjs').Suspect} Suspect */
/** @typedef {import('./similar_store.mjs').SimilarStore} SimilarStore */
/** @typedef {import('../class_colors.mjs').ColorOf} ColorOf */

/** One line of them. */
const N_SHOWN = 4;

/** @param {{suspect: Suspect, examples: Examples, store: SimilarStore, colorOf: ColorOf}} props */
export function BothClasses({ suspect, examples, store, colorOf }) {
  const found = useStore(examples).ofCard.get(suspect.id);
  useEffect(() => { void examples.ask(suspect); }, [suspect.id, found === undefined]);
  if (found === undefined || found.message) return null; // what is wrong with the server, the neighbors say
  return h('div', { className: 'both-classes' },
    h(OfClass, { words: 'Nearest labelled', name: suspect.class_name, found: found.given, suspect, store, colorOf }),
    h(OfClass, { words: 'Nearest that are', name: suspect.suggested_class, found: found.suggested, suspect, store, colorOf }));
}

/** @param {{words: string, name: string, found: Example[], suspect: Suspect, store: SimilarStore, colorOf: ColorOf}} props */
function OfClass({ words, name, found, suspect, store, colorOf }) {
  const pictureUrl = (/** @type {string} */ id) => store.pictureUrl(id);
  return h('section', { 'aria-label': `${words} ${classLabel(name)}` },
    h('div', { className: 'row neighbors-head' },
      h('h2', { className: 'section' }, words), h('span', { className: 'spacer' }),
      h('span', { className: 'claim' }, h('span', { className: 'swatch', style: { '--swatch': colorOf(name) } }), h('span', null, breakable(classLabel(name))))),
    found.length === 0 && h('p', { className: 'dim' }, 'There is no other.'),
    h('div', { className: 'neighbor-grid' }, found.slice(0, N_SHOWN).map((one) => h(ExampleButton, { key: one.point.id, one, evidence: suspect.evidence, pictureUrl }))));
}
