/** What the search box asks and what was found: by name while one types, by words on demand. Knows no document. */

import { ask, asJson } from '../server.mjs';
import { messageOf, Store } from '../worklists/store.mjs';
import { shortModel, whichLoads } from './model_state.mjs';

/** @typedef {{id: string, class_name: string | null, dataset: string, image_name: string}} FoundPoint */
/** @typedef {{classes: {name: string, count: number}[], points: FoundPoint[], n_classes: number, n_points: number}} Found by class, file name or id */
/** @typedef {{text: string, points: {point: FoundPoint, score: number}[], why: string}} ByWords nearest first; why there are none */
/** @typedef {{text: string, isOpen: boolean, isAsking: boolean, loads: string, found: Found | null, byWords: ByWords | null, fault: string}} SearchState `loads` names the model that it waits for */

/** @typedef {{name: string, has_text_search: boolean | null, embedder: string}} Searched what is known of the collection */

const PAUSE_MS = 150;
const LIMIT = 24;
const NOTHING = { isAsking: false, loads: '', found: null, byWords: null, fault: '' };

/** @extends {Store<SearchState>} */
export class SearchStore extends Store {
  /**
   * @param {import('../server.mjs').Send} send `fetch`
   * @param {(act: () => void, afterMs: number) => unknown} wait `setTimeout`
   * @param {() => Record<string, unknown>} conditions of the page's filter, which what words find is of
   */
  constructor(send, wait, conditions = () => ({})) {
    super({ text: '', isOpen: false, ...NOTHING });
    this.send = send;
    this.wait = wait;
    this.conditions = conditions;
    this.collection = '';
    /** Number of the last question; the answer to an older one comes too late. */
    this.nQuestions = 0;
  }

  /** @param {string} name of the open collection; empty for none */
  search(name) {
    if (name === this.collection) return;
    this.collection = name;
    this.nQuestions += 1;
    this.set({ text: '', isOpen: false, ...NOTHING });
  }

  /** @param {string} text */
  type(text) {
    this.nQuestions += 1;
    const question = this.nQuestions;
    const isEmpty = text.trim() === '';
    this.set({ text, isOpen: !isEmpty, byWords: null, fault: '', isAsking: !isEmpty, loads: '', ...(isEmpty ? NOTHING : {}) });
    if (!isEmpty) this.wait(() => { if (question === this.nQuestions) void this.#findByName(question); }, PAUSE_MS);
  }

  close() {
    this.set({ isOpen: false });
  }

  open() {
    if (this.state.text.trim() !== '') this.set({ isOpen: true });
  }

  /** @param {number} question */
  async #findByName(question) {
    const query = new URLSearchParams({ text: this.state.text.trim(), limit: String(LIMIT) });
    await this.#answer(question, async () => ({ found: await ask(this.send, `${this.#path}/find?${query}`) }));
  }

  /** Finds pictures that look like what the words say. */
  async findByWords() {
    this.nQuestions += 1;
    const text = this.state.text.trim();
    if (text === '') return;
    const question = this.nQuestions;
    this.set({ isAsking: true, isOpen: true, loads: '', fault: '' });
    void whichLoads(this.send, this.collection).then((loads) => { if (question === this.nQuestions) this.set({ loads }); });
    await this.#answer(question, async () => {
      const { neighbors, why_empty: why } = await ask(this.send, `${this.#path}/neighbors/text`, asJson(this.#questionOf(text)));
      return { byWords: { text, points: neighbors, why: why ?? '' } };
    });
  }

  /** @param {string} text @returns {object} */
  #questionOf(text) {
    const filter = this.conditions();
    return { text, limit: LIMIT, ...(Object.keys(filter).length > 0 && { filter }) };
  }

  get #path() {
    return `/collections/${encodeURIComponent(this.collection)}`;
  }

  /** @param {number} question @param {() => Promise<Partial<SearchState>>} answer */
  async #answer(question, answer) {
    /** @type {Partial<SearchState>} */
    let changes;
    try {
      changes = await answer();
    } catch (error) {
      changes = { fault: messageOf(error) };
    }
    if (question === this.nQuestions) this.set({ ...changes, isAsking: false });
  }
}

/** @param {Searched} searched @returns {string} why words find nothing here; empty if they may */
export function whyNoWords({ has_text_search: canFind, embedder }) {
  if (canFind !== false) return '';
  return `${shortModel(embedder)} knows no words. Index with a model that does, such as openai/clip-vit-base-patch32, to search by them.`;
}
