/** What looks like a point, like an image, or like a part of one. Knows no document. */

import { KeptAnswers } from '../kept_answers.mjs';
import { API, ask, asJson, isUnknownPoint } from '../server.mjs';
import { CollectionApi } from '../worklists/collection_api.mjs';
import { whichLoads } from '../search/model_state.mjs';
import { messageOf, Store } from '../worklists/store.mjs';

/** @typedef {{id: string, class_name: string | null, image_name: string}} FoundPoint */
/** @typedef {{point: FoundPoint, score: number}} Neighbor cosine similarity to what was asked for */
/** @typedef {[number, number, number, number]} Box left, top, right, bottom in px of the whole image */
/** @typedef {{kind: "point", id: string, reveals: boolean}} OfPoint the map moves to what `reveals`, such as a point of a list */
/** @typedef {{kind: "image", file: Blob, name: string, url: string, reveals: boolean}} OfImage `url` shows it */
/** @typedef {{kind: "box", id: string, box: Box, reveals: false}} OfBox a part of the image that a point is of */
/** @typedef {OfPoint | OfImage | OfBox} Example what is searched by */
/** @typedef {{of: string | null, ids: string[], reveals: boolean}} Results what lights up on the map: a point and its neighbors, nearest first */

/**
 * `example` is what `neighbors` are of; while a question is asked, `isAsking`, these are still the older ones.
 * @typedef {object} Similar
 * @property {Example | null} example
 * @property {Neighbor[]} neighbors nearest first
 * @property {string} why there are none
 * @property {boolean} isAsking
 * @property {string} loads name of the model that the question waits for, if for one
 * @property {string} fault why there is no answer
 * @property {boolean} hasFilter whether the page's filter was on when they were asked for
 * @property {boolean} isWide whether they are of all points though there is a filter
 */

/** Longer side of the picture of what was found. */
const CROP_PX = 128;

/** @type {Omit<Similar, 'isWide'>} */
const NOTHING = { example: null, neighbors: [], why: '', isAsking: false, loads: '', fault: '', hasFilter: false };

/** @extends {Store<Similar>} */
export class SimilarStore extends Store {
  /**
   * @param {object} page
   * @param {import('../server.mjs').Send} page.send `fetch`
   * @param {() => Record<string, unknown>} page.conditions of the filter, which neighbors fulfil
   * @param {(results: Results) => void} page.found told what lights up
   * @param {number} page.limit most neighbors
   */
  constructor({ send, conditions, found, limit }) {
    super({ ...NOTHING, isWide: false });
    /** What `askAhead` asked for. */
    this.kept = new KeptAnswers(send);
    this.conditions = conditions;
    this.found = found;
    this.limit = limit;
    this.collection = '';
    /** @type {Example | null} what was asked for last */
    this.wanted = null;
    /** Number of the last question; the answer to an older one comes too late. */
    this.nQuestions = 0;
  }

  /**
   * What was chosen before its collection was known is asked for now, and anew if points of it changed.
   * @param {string} name of the collection that was opened or changed; empty for none
   */
  openCollection(name) {
    this.kept.forget();
    const before = this.collection;
    this.collection = name;
    if (before === name) this.searchAgain();
    else if (before !== '') this.clear();
    else if (this.wanted) void this.search(this.wanted);
  }

  clear() {
    this.nQuestions += 1;
    this.wanted = null;
    this.set(NOTHING);
    this.found({ of: null, ids: [], reveals: false });
  }

  /** @param {Example} example */
  async search(example) {
    this.nQuestions += 1;
    const question = this.nQuestions;
    this.wanted = example;
    if (this.collection === '') return;
    this.set({ isAsking: true, loads: '', fault: '' });
    if (example.kind !== 'point') void whichLoads(this.kept.send, this.collection).then((loads) => { if (question === this.nQuestions) this.set({ loads }); });
    const of = example.kind === 'image' ? null : example.id;
    const hasFilter = Object.keys(this.conditions()).length > 0;
    try {
      const { neighbors, why_empty: why } = await this.#ask(example, this.#filter());
      if (question !== this.nQuestions) return;
      this.set({ example, neighbors, why: why ?? '', isAsking: false, hasFilter });
      this.found({ of, ids: neighbors.map(({ point }) => point.id), reveals: example.reveals });
    } catch (error) {
      if (question !== this.nQuestions) return;
      this.#fail(example, of, error);
    }
  }

  /** @param {Example} example @param {string | null} of @param {unknown} error */
  #fail(example, of, error) {
    if (example.kind === 'point' && isUnknownPoint(error)) return this.clear(); // the inspector says so
    this.set({ example, neighbors: [], isAsking: false, fault: messageOf(error) });
    this.found({ of, ids: [], reveals: false });
  }

  /** The filter or the points changed, or a question failed. What is shown stays where it is on the map. */
  searchAgain() {
    if (this.wanted) void this.search({ ...this.wanted, reveals: false });
  }

  /** @param {boolean} isWide whether neighbors are of all points, or of those that fit the page's filter */
  widen(isWide) {
    this.set({ isWide });
    this.searchAgain();
  }

  get api() {
    return new CollectionApi(this.collection, this.kept.fetch);
  }

  /** @param {string} id of a point that was found */
  pictureUrl(id) {
    return this.api.cropUrl(id, CROP_PX);
  }

  /**
   * Asks now for what a search by a point will ask for.
   * @param {string} id of the point that comes next
   * @returns {Promise<Neighbor[]>} what is similar to it; none if there is no answer
   */
  async askAhead(id) {
    this.kept.forget();
    try {
      const answer = await this.kept.keep(this.api.url('/neighbors'), asJson(this.#ofPoint(id, this.#filter())));
      return (await answer.clone().json()).neighbors ?? [];
    } catch {
      return []; // the search asks again, and says what is wrong
    }
  }

  /** @returns {{filter?: Record<string, unknown>}} the part of a question that says which points count */
  #filter() {
    const conditions = this.conditions();
    return Object.keys(conditions).length > 0 && !this.state.isWide ? { filter: conditions } : {};
  }

  /** @param {string} id @param {{filter?: Record<string, unknown>}} filter */
  #ofPoint(id, filter) {
    return { ids: [id], limit: this.limit, ...filter };
  }

  /**
   * @param {Example} example
   * @param {{filter?: Record<string, unknown>}} filter
   * @returns {Promise<{neighbors: Neighbor[], why_empty: string | null}>}
   */
  #ask(example, filter) {
    if (example.kind === 'point') return this.api.post('/neighbors', this.#ofPoint(example.id, filter));
    if (example.kind === 'box') return this.api.post('/neighbors/box', { id: example.id, box: example.box, limit: this.limit, ...filter });
    const body = new FormData();
    body.append('file', example.file, example.name);
    body.append('limit', String(this.limit));
    if (filter.filter) body.append('filter', JSON.stringify(filter.filter));
    return this.api.postForm('/neighbors/image', body);
  }
}

/**
 * Where points are on a map; what it does not know has no row.
 * @param {import('../server.mjs').Send} send
 * @param {string} rowUrl of the map
 * @param {Results} results
 * @returns {Promise<{row: number, neighbors: {id: string, row: number}[], reveal: boolean}>} a row of -1 for none
 */
export async function placesOf(send, rowUrl, { of, ids, reveals }) {
  const wanted = of === null ? ids : [of, ...ids];
  /** @type {{id: string, row: number}[]} */
  const places = wanted.length === 0 ? [] : await ask(send, rowUrl.replace(API, ''), asJson({ ids: wanted }));
  const rows = new Map(places.map(({ id, row }) => [id, row]));
  const neighbors = ids.flatMap((id) => (rows.has(id) ? [{ id, row: /** @type {number} */ (rows.get(id)) }] : []));
  return { row: rows.get(of ?? '') ?? -1, neighbors, reveal: reveals };
}

/** @param {Neighbor[]} neighbors @returns {{name: string | null, count: number}} the class of most, and how many are of it */
export function mostOf(neighbors) {
  /** @type {Map<string | null, number>} */
  const counts = new Map();
  for (const { point } of neighbors) counts.set(point.class_name, (counts.get(point.class_name) ?? 0) + 1);
  const [name, count] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), [null, 0]);
  return { name, count };
}
