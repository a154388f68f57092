/** What the page will ask for first, asked for before Dash has drawn it. Knows no document. */

import { FilterStore } from './filter_store.mjs';
import { CollectionApi } from './worklists/collection_api.mjs';
import { queryOf } from './worklists/suspect_worklist.mjs';

/** @typedef {(url: string, init?: RequestInit) => Promise<Response>} Send `fetch` */

/**
 * @typedef {object} Opening the first answers, which come with the page; none if the api was slow, and the page asks later
 * @property {{name: string} | null} collection
 * @property {{url: string} | null} map
 */

export class EarlyAnswers {
  /**
   * @param {Send} send
   * @param {string} search query of the page's address
   * @param {Opening} opening
   */
  constructor(send, search, opening) {
    this.send = send;
    /** @type {Map<string, Promise<Response>>} by address */
    this.answers = new Map();
    const filter = new FilterStore();
    filter.adopt(search);
    const name = opening.collection?.name;
    // What a filter leaves is not asked for, because the collection may not have all that the address names.
    if (name && !filter.isActive) this.#keep(new CollectionApi(name, send).url('/suspects', queryOf(1)));
    if (opening.map) this.#keep(opening.map.url);
  }

  /**
   * @param {string} url
   * @returns {Promise<Response> | null} what was asked for early; null if that is not so, or if it was taken already
   */
  take(url) {
    const early = this.answers.get(url);
    this.answers.delete(url);
    return early?.catch(() => this.send(url)) ?? null;
  }

  /** @param {string} url */
  #keep(url) {
    const answer = this.send(url);
    answer.catch(() => {}); // `take` asks again
    this.answers.set(url, answer);
  }

  /** @type {Send} an answer that is there or on its way serves the first one who asks for it */
  fetch = async (url, init) => (init === undefined ? this.take(url) : null) ?? this.send(url, init);
}
