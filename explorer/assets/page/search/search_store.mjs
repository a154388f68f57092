/** What the search box asks and what was found: by name while one types, by words on demand. Knows no document. */

import { ask, asJson } from '../server.mjs';
import { countText } from '../worklists/names.mjs';
import { messageOf, Store } from '../worklists/store.mjs';
import { shortModel, whichLoads } from './model_state.mjs';

/** @typedef {{id: string, class_name: string | null, dataset: string, image_name: string}} FoundPoint */
/**
 * @typedef {object} Found by class, file name or id, among the points that are searched
 * @property {{name: string, count: number}[]} classes the first of them
 * @property {FoundPoint[]} points the first of them
 * @property {number} n_classes in all
 * @property {number} n_points in all
 * @property {number} n_classes_outside how many more there are outside the filter
 * @property {number} n_points_outside
 */
/** @typedef {{text: string, points: {point: FoundPoint, score: number}[], why: string}} ByWords nearest first; why there are none */

/**
 * @typedef {object} SearchState
 * @property {string} text
 * @property {boolean} isOpen whether results are shown
 * @property {boolean} isAsking
 * @property {string} loads name of the model that the question waits for, if for one
 * @property {Found | null} found
 * @property {ByWords | null} byWords
 * @property {string} fault why there is no answer
 * @property {boolean} hasFilter whether the page's filter was on when they were asked for
 * @property {boolean} isWide whether all points are searched though there is a filter
 */

/** @typedef {{name: string, has_text_search: boolean | null, embedder: string}} Searched what is known of the collection */

const PAUSE_MS = 150;
const LIMIT = 24;
const NOTHING = { isAsking: false, loads: '', found: null, byWords: null, fault: '', hasFilter: false };

/** @extends {Store<SearchState>} */
export class SearchStore extends Store {
  /**
   * @param {import('../server.mjs').Send} send `fetch`
   * @param {(act: () => void, afterMs: number) => unknown} wait `setTimeout`
   * @param {() => Record<string, unknown>} conditions of the page's filter, which what is found fulfils
   */
  constructor(send, wait, conditions = () => ({})) {
    super({ text: '', isOpen: false, isWide: false, ...NOTHING });
    this.send = send;
    this.wait = wait;
    this.conditions = conditions;
    this.collection = '';
    /** Number of the last question; the answer to an older one comes too late. */
    this.nQuestions = 0;
    /** Whether the last question was for pictures. */
    this.isByWords = false;
    /** Whether the filter or the points changed since. */
    this.isStale = false;
  }

  /** @param {string} name of the collection that was opened or changed; empty for none */
  search(name) {
    if (name === this.collection) {
      this.searchAgain();
      return;
    }
    this.collection = name;
    this.nQuestions += 1;
    this.set({ text: '', isOpen: false, isWide: false, ...NOTHING });
  }

  /** @param {string} text */
  type(text) {
    const question = this.#next(false);
    const isEmpty = text.trim() === '';
    this.set({ text, isOpen: !isEmpty, byWords: null, fault: '', isAsking: !isEmpty, loads: '', ...(isEmpty ? NOTHING : {}) });
    if (!isEmpty) this.wait(() => { if (question === this.nQuestions) void this.#findByName(question); }, PAUSE_MS);
  }

  close() {
    this.set({ isOpen: false });
  }

  open() {
    if (this.state.text.trim() === '') return;
    this.set({ isOpen: true });
    if (this.isStale) this.#askAgain();
  }

  /** The filter or the points changed: what was found is asked for anew, once somebody sees it. */
  searchAgain() {
    this.isStale = true;
    if (this.state.isOpen) this.#askAgain();
  }

  /** @param {boolean} isWide whether all points are searched, or those that fit the page's filter */
  widen(isWide) {
    this.set({ isWide });
    this.#askAgain();
  }

  #askAgain() {
    if (this.isByWords) {
      this.set({ found: null }); // it is older
      void this.findByWords();
    } else {
      const question = this.#next(false);
      this.set({ isAsking: true, fault: '' });
      void this.#findByName(question);
    }
  }

  /** @param {boolean} isByWords @returns {number} of a question, which makes older ones late */
  #next(isByWords) {
    Object.assign(this, { isByWords, isStale: false });
    this.nQuestions += 1;
    return this.nQuestions;
  }

  /** @param {number} question */
  async #findByName(question) {
    const body = { text: this.state.text.trim(), limit: LIMIT, ...(!this.state.isWide && this.conditions()) };
    await this.#answer(question, async () => ({ found: await ask(this.send, `${this.#path}/find`, asJson(body)) }));
  }

  /** Finds pictures that look like what the words say. */
  async findByWords() {
    const question = this.#next(true);
    const text = this.state.text.trim();
    if (text === '') return;
    this.set({ isAsking: true, isOpen: true, loads: '', fault: '' });
    void whichLoads(this.send, this.collection).then((loads) => { if (question === this.nQuestions) this.set({ loads }); });
    await this.#answer(question, async () => {
      const { neighbors, why_empty: why } = await ask(this.send, `${this.#path}/neighbors/text`, asJson(this.#questionOf(text)));
      return { byWords: { text, points: neighbors, why: why ?? '' } };
    });
  }

  /** @param {string} text @returns {object} */
  #questionOf(text) {
    return { text, limit: LIMIT, ...(this.#hasFilter && !this.state.isWide && { filter: this.conditions() }) };
  }

  get #hasFilter() {
    return Object.keys(this.conditions()).length > 0;
  }

  get #path() {
    return `/collections/${encodeURIComponent(this.collection)}`;
  }

  /** @param {number} question @param {() => Promise<Partial<SearchState>>} answer */
  async #answer(question, answer) {
    const hasFilter = this.#hasFilter;
    /** @type {Partial<SearchState>} */
    let changes;
    try {
      changes = { ...(await answer()), hasFilter };
    } catch (error) {
      changes = { fault: messageOf(error), ...(this.isByWords ? { byWords: null } : { found: null }) };
    }
    if (question === this.nQuestions) this.set({ ...changes, isAsking: false });
  }
}

/** @param {Searched} searched @returns {string} why words find nothing here; empty if they may */
export function whyNoWords({ has_text_search: canFind, embedder }) {
  if (canFind !== false) return '';
  return `${shortModel(embedder)} knows no words. Index with a model that does, such as openai/clip-vit-base-patch32, to search by them.`;
}

/** @param {Found} found @returns {string} what has the name but does not fit the filter, for example "2 more points outside the filter", or "2 points outside the filter do" after "nothing"; empty for none */
export function outsideWords({ n_classes: nClasses, n_points: nPoints, n_classes_outside: nClassesOutside, n_points_outside: nPointsOutside }) {
  const isMore = nClasses + nPoints > 0;
  const more = isMore ? 'more ' : '';
  const parts = [
    nClassesOutside > 0 && countText(nClassesOutside, `${more}class`, `${more}classes`),
    nPointsOutside > 0 && countText(nPointsOutside, `${more}point`),
  ].filter(Boolean);
  if (parts.length === 0) return '';
  const verb = nClassesOutside + nPointsOutside === 1 ? 'does' : 'do';
  return `${parts.join(' and ')} outside the filter${isMore ? '' : ` ${verb}`}`;
}
