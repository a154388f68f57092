/** Reviews in words, and buttons that take them back. */

import { countText, isolated } from './worklists/names.mjs';

/** @typedef {import('./review_queue.mjs').Review} Review */
/** @typedef {import('./review_queue.mjs').Verdict} Verdict */

const NO_CLASS = 'no class';
/** What was done, in the words of the buttons that do it. @type {Record<Verdict, string>} */
export const DONE_WORDS = { accept: 'accepted', dismiss: 'kept', skip: 'left for later' };

/** @param {Review} review @returns {string} for example "accepted: 3 → 8" */
export function reviewWords({ verdict, given_class: given, class_name: accepted }) {
  const name = isolated(given ?? NO_CLASS);
  if (verdict === 'accept') return `accepted: ${name} → ${isolated(accepted ?? NO_CLASS)}`;
  return verdict === 'dismiss' ? `kept: ${name} is right` : `left for later: ${name}`;
}

/**
 * @param {import('./review_queue.mjs').Outcome} outcome
 * @param {{nGiven?: number, nTakenBack?: number}} together objects of all verdicts that were given or taken back with it, if there are several
 * @returns {string} what was carried out
 */
export function outcomeWords({ made = [], takenBack }, { nGiven = 0, nTakenBack = 0 } = {}) {
  if (takenBack) return takenBackWords(takenBack.undone, nTakenBack);
  return made.length === 0 ? '' : madeWords(made, Math.max(nGiven, made.length));
}

/** @param {Review} undone @param {number} nTogether */
function takenBackWords(undone, nTogether) {
  if (nTogether > 1) return `taken back: verdicts on ${countText(nTogether, 'object')}`;
  return `taken back: ${reviewWords(undone)}${undone.entry ? ', the whole group' : ''}`;
}

/** @param {Review[]} made @param {number} nObjects that were judged together */
function madeWords(made, nObjects) {
  const isAlike = nObjects === made.length && new Set(made.map(reviewWords)).size === 1;
  if (!isAlike) return `${DONE_WORDS[made[0].verdict]}: ${countText(nObjects, 'object')}`;
  return `${reviewWords(made[0])}${nObjects > 1 ? `, ${nObjects} objects` : ''}`;
}

/** @param {number} count @returns {string} for example "3 verdicts" */
export function countWords(count) {
  return countText(count, 'verdict');
}

/** @param {number} count @returns {string} of verdicts that were refused beyond those that are told */
export function moreRefusedWords(count) {
  return `and ${count.toLocaleString('en')} more ${count === 1 ? 'was' : 'were'} not recorded`;
}
