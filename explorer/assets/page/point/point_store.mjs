/** The point that is looked at, with what speaks against its label. Knows no document. */

import { KeptAnswers } from '../kept_answers.mjs';
import { API, isUnknownPoint } from '../server.mjs';
import { CollectionApi } from '../worklists/collection_api.mjs';
import { messageOf, Store } from '../worklists/store.mjs';

/** @typedef {{id: string, verdict: "accept" | "dismiss" | "skip", class_name: string | null, who: string, at: string}} Review */
/** @typedef {{id: string, class_name: string | null, payload: Record<string, any>}} Point */
/** @typedef {{id: string, class_name: string, suggested_class: string, reason: string, evidence: string[], group?: string[] | null}} Suspect `evidence` are the ids of the neighbors that the reason counts */

/**
 * `point` is an older one until the point of `id` has arrived; `suspect` is of `point`, and undefined until it is known.
 * @typedef {object} LookedAt
 * @property {string | null} id
 * @property {Point | null} point
 * @property {Suspect | null | undefined} suspect
 * @property {boolean} isAsking
 * @property {string} fault why the point cannot be shown
 * @property {boolean} isUnknown whether that is because there is no such point
 */

/** @type {LookedAt} */
const NOTHING = { id: null, point: null, suspect: undefined, isAsking: false, fault: '', isUnknown: false };

/** @type {{suspects: Suspect[], review_revision: string | null}} */
const UNKNOWN = { suspects: [], review_revision: null };

/** @param {string} id of a point @returns the question whether it is a suspect */
const suspectOf = (id) => ({ limit: 1, ids: id });

/** @param {string} id of a point */
const pathOf = (id) => `/points/${encodeURIComponent(id)}`;

/** @extends {Store<LookedAt>} */
export class PointStore extends Store {
  /** @param {import('../server.mjs').Send} send `fetch` */
  constructor(send) {
    super(NOTHING);
    /** What `askAhead` asked for. */
    this.kept = new KeptAnswers(send);
    this.collection = '';
    /** What people call it. */
    this.shownAs = '';
    /** Number of the last question; the answer to an older one comes too late. */
    this.nQuestions = 0;
    /** @type {string | null} revision of the reviews that the page told of last */
    this.told = null;
    /** @type {string | null} revision that what is shown knows at least */
    this.known = null;
  }

  /**
   * A point that was chosen before its collection was known is asked for now, and anew if points of it changed.
   * @param {string} name of the collection that was opened or changed; empty for none
   * @param {string} shownAs what people call it
   */
  openCollection(name, shownAs = name) {
    this.kept.forget();
    const isOther = this.collection !== '' && this.collection !== name;
    this.collection = name;
    this.shownAs = shownAs;
    if (isOther) this.look(null);
    else this.askAgain();
  }

  /** @param {string | null} id */
  look(id) {
    this.nQuestions += 1;
    if (id === null) this.set(NOTHING);
    else {
      this.set({ id });
      this.askAgain();
    }
  }

  /** Verdicts changed; what is shown may know of it. @param {string} revision of the reviews */
  follow(revision) {
    if (revision !== this.told) this.kept.forget();
    this.told = revision;
    if (!this.state.isAsking) this.#catchUp();
  }

  #catchUp() {
    if (this.told !== null && this.told !== this.known) this.askAgain();
  }

  /** What is shown may have changed, or a question failed. */
  askAgain() {
    const { id } = this.state;
    if (id !== null && this.collection !== '') void this.#ask(id);
  }

  get api() {
    return new CollectionApi(this.collection, this.kept.fetch);
  }

  /**
   * Asks now for what `look` will ask for.
   * @param {string} id of the point that comes next
   * @returns {Promise<Point | null>} that point; null if there is no answer, or another collection was opened meanwhile
   */
  async askAhead(id) {
    const { api } = this;
    this.kept.forget();
    this.kept.keep(api.url('/suspects', suspectOf(id)));
    try {
      const answer = await this.kept.keep(api.url(pathOf(id)));
      const point = answer.ok ? await answer.clone().json() : null;
      return api.collection === this.collection ? point : null;
    } catch {
      return null; // `look` asks again, and says what is wrong
    }
  }

  /**
   * @param {string} annotation what is drawn: "object", "all" or "none"
   * @param {number} sizePx of the longer side
   * @param {number[] | null} region the part that is shown: left, top, right, bottom; null for all
   * @param {string | null} id of the point
   * @returns {string}
   */
  imageUrl(annotation, sizePx, region = null, id = this.state.id) {
    const query = new URLSearchParams({ collection: this.collection, annotation, size: String(sizePx), ...(region ? { region: region.join(',') } : {}) });
    return `${API}/images/${encodeURIComponent(id ?? '')}?${query}`;
  }

  /** @param {string} id */
  async #ask(id) {
    this.nQuestions += 1;
    const question = this.nQuestions;
    const toldBefore = this.told;
    this.set({ isAsking: true, fault: '', isUnknown: false });
    const suspects = this.api.get('/suspects', suspectOf(id));
    suspects.catch(() => {}); // told below
    try {
      const point = await this.api.get(pathOf(id));
      if (question !== this.nQuestions) return;
      const isSame = this.state.point?.id === point.id;
      this.set({ point, suspect: isSame ? this.state.suspect : undefined });
    } catch (error) {
      if (question !== this.nQuestions) return;
      this.known = null;
      this.#fail(id, error);
      return;
    }
    const { suspects: [suspect = null], review_revision: revision } = await suspects.catch(() => UNKNOWN); // judged without a suggestion
    if (question !== this.nQuestions) return;
    this.known = toldBefore ?? revision; // the point may be older than the answer about suspects
    this.set({ suspect, isAsking: false });
    this.#catchUp();
  }

  /** @param {string} id @param {unknown} error */
  #fail(id, error) {
    const isUnknown = isUnknownPoint(error);
    const fault = isUnknown ? `There is no point '${id}' in '${this.shownAs}'. It may have been deleted.` : messageOf(error);
    this.set({ point: null, suspect: undefined, isAsking: false, fault, isUnknown });
  }
}
