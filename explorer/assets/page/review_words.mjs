/** Reviews in words, and buttons that take them back. */

/** @typedef {import('./review_queue.mjs').Review} Review */

const NO_CLASS = 'no class';

/** @param {Review} review @returns {string} for example "accepted: 3 → 8" */
export function reviewWords({ verdict, given_class: given, class_name: accepted }) {
  const name = given ?? NO_CLASS;
  if (verdict === 'accept') return `accepted: ${name} → ${accepted}`;
  return verdict === 'dismiss' ? `dismissed: ${name} is right` : `skipped: ${name}, to be decided later`;
}

/** @param {import('./review_queue.mjs').Outcome} outcome @returns {string} what was carried out */
export function outcomeWords({ made, takenBack }) {
  if (takenBack) return `taken back: ${reviewWords(takenBack.undone)}${takenBack.undone.entry ? ', the whole group' : ''}`;
  if (!made || made.length === 0) return '';
  return `${reviewWords(made[0])}${made.length > 1 ? `, ${made.length} objects` : ''}`;
}

/** @param {number} count @returns {string} for example "3 verdicts" */
export function countWords(count) {
  return count === 1 ? '1 verdict' : `${count} verdicts`;
}
