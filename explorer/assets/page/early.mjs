/**
 * The first list of suspects, asked for before Dash has drawn the page that shows it. Knows no document.
 */

import { API } from './server.mjs';
import { CollectionApi } from './worklists/collection_api.mjs';
import { FilterStore } from './filter_store.mjs';
import { queryOf } from './worklists/suspect_worklist.mjs';

/** @typedef {(url: string, init?: RequestInit) => Promise<Response>} Send `fetch` */
/** @typedef {{name: string, display_name?: string}} Listed a collection */

const { compare } = new Intl.Collator('en', { numeric: true });

/** @param {Listed} one @param {Listed} other @returns {number} the order in which the header lists them */
function inOrder(one, other) {
  return compare(one.display_name || one.name, other.display_name || other.name) || compare(one.name, other.name);
}

export class EarlyAnswers {
  /**
   * @param {Send} send
   * @param {string} search query of the page's address
   */
  constructor(send, search) {
    this.send = send;
    /** @type {Map<string, Promise<Response>>} by address */
    this.answers = new Map();
    const filter = new FilterStore();
    filter.adopt(search);
    /**
     * Name of the collection that the page is about to open; null if there is none, or no answer. What a filter leaves
     * is not asked for, because the collection may not have all that the address names.
     */
    this.name = filter.isActive ? Promise.resolve(null) : this.#ask(new URLSearchParams(search).get('collection'));
  }

  /** @param {string | null} wanted @returns {Promise<string | null>} */
  async #ask(wanted) {
    try {
      const response = await this.send(`${API}/collections`);
      const names = (await response.json()).sort(inOrder).map((/** @type {Listed} */ { name }) => name);
      const name = wanted !== null && names.includes(wanted) ? wanted : names[0] ?? null;
      if (name !== null) this.#keep(new CollectionApi(name, this.send).url('/suspects', queryOf(1)));
      return name;
    } catch {
      return null; // the page says what is wrong
    }
  }

  /** @param {string} url */
  #keep(url) {
    const answer = this.send(url);
    answer.catch(() => {}); // whoever takes it asks again
    this.answers.set(url, answer);
  }

  /** @type {Send} an answer that is there or on its way serves the first one who asks for it */
  fetch = async (url, init) => {
    const early = init === undefined ? this.answers.get(url) : undefined;
    this.answers.delete(url);
    return early ? early.catch(() => this.send(url)) : this.send(url, init);
  };
}
