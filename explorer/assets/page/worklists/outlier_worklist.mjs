/** The list of outliers, page by page. Knows no document. */

import { CardWorklist, cardOfPoint } from './card_worklist.mjs';

const PAGE = 48;
const MOST = 100_000;

export class OutlierWorklist extends CardWorklist {
  /** How many stand apart from all others, with those that are not listed yet. */
  nOutliers = 0;

  /** @param {import('./card_worklist.mjs').Tools} tools */
  constructor(tools) {
    super(tools, (offset) => this.#loadPage(offset));
  }

  /** @param {number} offset */
  async #loadPage(offset) {
    const limit = Math.min(MOST, offset + PAGE); // the api lists from the first one on
    const mine = this.nLoads;
    const { outliers, n_outliers: nOutliers, why_empty: whyEmpty } = await this.tools.api.get('/outliers', { limit });
    if (mine === this.nLoads) this.nOutliers = nOutliers;
    const cards = outliers.slice(offset).map((/** @type {any} */ outlier, /** @type {number} */ place) => ({ ...cardOfPoint(outlier), rank: `#${offset + place + 1}`, score: outlier.score }));
    return { cards, whyEmpty, hasMore: outliers.length === limit && limit < MOST };
  }
}
