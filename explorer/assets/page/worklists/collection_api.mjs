/** The api's answers about one collection. Knows no document. */

import { answerOf, API, asJson, sentence } from '../server.mjs';

const REVIEWS_PER_PAGE = 10000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** @typedef {{id: string, state: string, stage: string, done: number, total: number | null, result: any, error: {detail: string} | null}} Run */
/** @typedef {Record<string, string | number | boolean | string[] | null | undefined>} Query */

/** Lists that the page's filter narrows. */
const NARROWED = /^\/(suspects|outliers|duplicates|clusters|clusters\/\d+\/points|confusion)$/;

export class CollectionApi {
  /**
   * @param {string} collection its name
   * @param {(url: string, init?: RequestInit) => Promise<Response>} send `fetch`
   * @param {() => Record<string, unknown>} conditions of the page's filter, in the api's words
   */
  constructor(collection, send, conditions = () => ({})) {
    this.collection = collection;
    this.send = send;
    this.conditions = conditions;
  }

  /**
   * @param {string} path below the collection, such as "/clusters"
   * @param {Query} query what is null is left out; a list becomes several values of one name
   */
  url(path, query = {}) {
    const values = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value === null || value === undefined) continue;
      for (const one of Array.isArray(value) ? value : [value]) values.append(name, String(one));
    }
    const text = values.toString();
    return `${API}/collections/${encodeURIComponent(this.collection)}${path}${text ? `?${text}` : ''}`;
  }

  /** @param {string} id of a point @param {number} sizePx */
  cropUrl(id, sizePx) {
    return this.url(`/points/${id}/crop`, { size: sizePx });
  }

  /**
   * Lists that can be narrowed hold the points of the page's filter only.
   * @param {string} path
   * @param {Query} query
   * @returns {Promise<any>}
   * @throws {Error} in the api's words
   */
  get(path, query = {}) {
    const conditions = NARROWED.test(path) ? this.conditions() : {};
    if (Object.keys(conditions).length > 0) return this.post(path, { ...conditions, ...withoutNull(query) });
    return this.#ask(this.url(path, query));
  }

  /** @returns {Promise<any[]>} all reviews that stand, page by page @throws {Error} in the api's words */
  async getAllReviews() {
    const all = [];
    for (let offset = 0; offset !== null;) {
      const { reviews, next_offset: next } = await this.get('/reviews', { offset, limit: REVIEWS_PER_PAGE });
      all.push(...reviews);
      offset = next;
    }
    return all;
  }

  /** @returns {Promise<any>} names that requests may use @throws {Error} in the api's words */
  getCatalogue() {
    return this.#ask(`${API}/catalogue`);
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} @throws {Error} in the api's words */
  post(path, body) {
    return this.#ask(this.url(path), asJson(body));
  }

  /** @param {string} path @param {FormData} body @returns {Promise<any>} @throws {Error} in the api's words */
  postForm(path, body) {
    return this.#ask(this.url(path), { method: 'POST', body });
  }

  /** @param {string} path @returns {Promise<void>} @throws {Error} in the api's words */
  async delete(path) {
    await answerOf(this.send, this.url(path), { method: 'DELETE' });
  }

  /** @param {string} path @param {object} body @returns {Promise<Uint8Array>} @throws {Error} in the api's words */
  async postForBytes(path, body) {
    const response = await answerOf(this.send, this.url(path), asJson(body));
    return new Uint8Array(await response.arrayBuffer());
  }

  /**
   * @param {Run} run at work
   * @param {(run: Run) => void} onProgress told how far it is
   * @param {(ms: number) => Promise<void>} pause
   * @returns {Promise<any>} its result, once it is over
   * @throws {Error} in the api's words
   */
  async finish(run, onProgress, pause) {
    let now = run;
    for (let pauseMs = FIRST_PAUSE_MS; now.state === 'running'; pauseMs = Math.min(1.5 * pauseMs, LONGEST_PAUSE_MS)) {
      onProgress(now);
      await pause(pauseMs);
      now = await this.#ask(`${API}/runs/${run.id}`);
    }
    if (now.state === 'succeeded') return now.result;
    throw new Error(sentence(now.error?.detail ?? `It was ${now.state}.`));
  }

  /** @param {string} path in the api @returns {string} where the browser gets a file of the server */
  fileUrl(path) {
    return `${API}${path}`;
  }

  /** @param {string} id of a run that is to stop @returns {Promise<Run>} @throws {Error} in the api's words */
  cancel(id) {
    return this.#ask(`${API}/runs/${id}`, { method: 'DELETE' });
  }

  /** @param {string} run that wrote to sources @param {string} who @returns {Promise<Run>} that takes it back @throws {Error} in the api's words */
  restore(run, who) {
    return this.#ask(`${API}/reviews/restore`, asJson({ run, who }));
  }

  /** @param {string} url @param {RequestInit} [init] */
  #ask(url, init) {
    return answerOf(this.send, url, init).then((response) => response.json());
  }
}

/** @param {Query} query @returns {Query} */
function withoutNull(query) {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== null && value !== undefined));
}
