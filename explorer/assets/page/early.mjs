/** The first list of suspects and the map, asked for before Dash has drawn the page that shows them. Knows no document. */

import { API } from './server.mjs';
import { CollectionApi } from './worklists/collection_api.mjs';
import { FilterStore } from './filter_store.mjs';
import { queryOf } from './worklists/suspect_worklist.mjs';

/** @typedef {(url: string, init?: RequestInit) => Promise<Response>} Send `fetch` */
/** @typedef {{name: string, display_name?: string}} Listed a collection */
/** @typedef {{id: string, version: string}} ListedMap */

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
    /** @type {Set<string>} addresses that the page has asked for: an answer that came early is old by then */
    this.asked = new Set();
    const filter = new FilterStore();
    filter.adopt(search);
    /**
     * Name of the collection that the page is about to open; null if there is none, or no answer. What a filter leaves
     * is not asked for, because the collection may not have all that the address names.
     */
    this.name = filter.isActive ? Promise.resolve(null) : this.#ask(new URLSearchParams(search));
  }

  /** @param {URLSearchParams} link @returns {Promise<string | null>} */
  async #ask(link) {
    const wanted = link.get('collection');
    try {
      const response = await this.send(`${API}/collections`);
      const names = (await response.json()).sort(inOrder).map((/** @type {Listed} */ { name }) => name);
      const name = wanted !== null && names.includes(wanted) ? wanted : names[0] ?? null;
      if (name !== null) this.#keep(new CollectionApi(name, this.send).url('/suspects', queryOf(1)));
      if (name !== null) void this.#askMap(name, link.get('projection'));
      return name;
    } catch {
      return null; // the page says what is wrong
    }
  }

  /** @param {string} name of a collection @param {string | null} wanted id of a map; else it is the newest */
  async #askMap(name, wanted) {
    const path = `${API}/collections/${encodeURIComponent(name)}/projections`;
    try {
      /** @type {ListedMap[]} */
      const maps = await (await this.send(path)).json();
      const map = maps.find(({ id }) => id === wanted) ?? maps[0];
      if (map?.version) this.#keep(`${path}/${encodeURIComponent(map.id)}/map?v=${encodeURIComponent(map.version)}`);
    } catch {
      // the page asks again, and says what is wrong
    }
  }

  /**
   * @param {string} url
   * @returns {Promise<Response> | null} what was asked for early; null if that is not so, or if it was taken already
   */
  take(url) {
    const early = this.answers.get(url);
    this.answers.delete(url);
    this.asked.add(url);
    return early?.catch(() => this.send(url)) ?? null;
  }

  /** @param {string} url */
  #keep(url) {
    if (this.asked.has(url)) return;
    const answer = this.send(url);
    answer.catch(() => {}); // whoever takes it asks again
    this.answers.set(url, answer);
  }

  /** @type {Send} an answer that is there or on its way serves the first one who asks for it */
  fetch = async (url, init) => (init === undefined ? this.take(url) : null) ?? this.send(url, init);
}
