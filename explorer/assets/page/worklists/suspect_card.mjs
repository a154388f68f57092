/** A suspect as the api has it, and as a card of the list. Knows no document. */

/** @typedef {import('../review_queue.mjs').Verdict} Verdict */

/**
 * @typedef {object} Suspect as the api has it
 * @property {string} id
 * @property {string} class_name
 * @property {string} suggested_class
 * @property {string} dataset
 * @property {string} image_name
 * @property {number} score
 * @property {string} reason
 * @property {string[]} evidence ids of the neighbors that speak
 * @property {string[]} group ids of all points under the same suspicion, this one first; empty for a single one
 * @property {{verdict: Verdict, who: string} | null} review of a person who left it for later
 */

/** @typedef {import('./card_worklist.mjs').Card & {suspect: Suspect, skippedBy: string | null}} SuspectCard */

/** @param {Suspect} suspect @param {number} number its place in the ranking, from 1 @returns {SuspectCard} */
export function cardOfSuspect(suspect, number) {
  const { id, class_name: className, group, review } = suspect;
  const ids = group.length > 0 ? group : [id];
  const points = ids.map((one) => ({ id: one, class_name: className, dataset: suspect.dataset, image_name: suspect.image_name }));
  return {
    id, points, suspect, suggested: suspect.suggested_class, reason: suspect.reason, rank: `#${number}`, score: suspect.score,
    skippedBy: review?.verdict === 'skip' ? review.who : null,
  };
}
