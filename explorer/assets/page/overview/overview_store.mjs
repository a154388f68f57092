/** What there is to do in the open collection, asked for once nothing else is waited for. Knows no document. */

import { ask } from '../server.mjs';
import { Store } from '../worklists/store.mjs';

/**
 * @typedef {object} OverviewState counts; null while they are not known
 * @property {string} name of the collection
 * @property {number | null} nJudged points whose label was accepted or kept
 * @property {number | null} nRanked points whose labels are ranked still
 * @property {number | null} nDuplicates groups
 * @property {number | null} nConflicts groups whose members have several classes, up to `MOST_CONFLICTS`
 * @property {number | null} nOutliers points that stand apart from all others
 */

export const MOST_CONFLICTS = 100;
const QUIET_MS = 1500;
/** @type {OverviewState} */
const UNKNOWN = { name: '', nJudged: null, nRanked: null, nDuplicates: null, nConflicts: null, nOutliers: null };

/** @extends {Store<OverviewState>} */
export class OverviewStore extends Store {
  /**
   * @param {import('../server.mjs').Send} send `fetch`
   * @param {(act: () => void, afterMs: number) => unknown} wait `setTimeout`
   * @param {() => boolean} isSeen whether somebody can see the overview
   */
  constructor(send, wait, isSeen) {
    super(UNKNOWN);
    this.send = send;
    this.wait = wait;
    this.isSeen = isSeen;
    this.nLooks = 0;
  }

  /** The collection or its verdicts changed. @param {string} name */
  look(name) {
    if (name !== this.state.name) this.set({ ...UNKNOWN, name });
    this.nLooks += 1;
    const look = this.nLooks;
    if (name !== '') this.wait(() => void this.#count(look), QUIET_MS);
  }

  /** One after the other, so that the lists of the page come first. @param {number} look */
  async #count(look) {
    const path = `/collections/${encodeURIComponent(this.state.name)}`;
    /** @type {[string, (answer: any) => Partial<OverviewState>][]} */
    const questions = [
      ['/reviews?limit=1&verdict=accept&verdict=dismiss', ({ total }) => ({ nJudged: total })],
      ['/suspects?limit=1', ({ n_ranked: nRanked }) => ({ nRanked })],
      [`/duplicates?limit=${MOST_CONFLICTS}`, ({ n_groups: nDuplicates, groups }) => ({
        nDuplicates, nConflicts: groups.filter((/** @type {{has_class_conflict: boolean}} */ group) => group.has_class_conflict).length,
      })],
      ['/outliers?limit=1', ({ n_outliers: nOutliers }) => ({ nOutliers })],
    ];
    for (const [question, read] of questions) {
      if (look !== this.nLooks || !this.isSeen()) return;
      try {
        const answer = read(await ask(this.send, path + question));
        if (look === this.nLooks) this.set(answer);
      } catch {
        return; // the page says that the connection is lost; the next change asks again
      }
    }
  }
}
