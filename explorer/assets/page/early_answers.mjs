/** What the page will ask for first, asked for before Dash has drawn it. Knows no document. */

import { FilterStore } from './filter_store.mjs';
import { KeptAnswers } from './kept_answers.mjs';
import { CollectionApi } from './worklists/collection_api.mjs';
import { queryOf } from './worklists/suspect_worklist.mjs';

/** @typedef {import('./server.mjs').Send} Send */

/**
 * @typedef {object} Opening the first answers, which come with the page; none if the api was slow, and the page asks later
 * @property {{name: string} | null} collection
 * @property {{url: string} | null} map
 */

export class EarlyAnswers extends KeptAnswers {
  /**
   * @param {Send} send
   * @param {string} search query of the page's address
   * @param {Opening} opening
   */
  constructor(send, search, opening) {
    super(send);
    const filter = new FilterStore();
    filter.adopt(search);
    const name = opening.collection?.name;
    // What a filter leaves is not asked for, because the collection may not have all that the address names.
    if (name && !filter.isActive) this.keep(new CollectionApi(name, send).url('/suspects', queryOf(1)));
    if (opening.map) this.keep(opening.map.url);
  }
}
