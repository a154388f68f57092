/**
 * The one filter of the page: which points people want to see. Knows no document.
 *
 * `query()` gives the conditions in the api's words, `subscribe()` tells of changes, `toLink()` and `adopt()` go to and
 * come from the page's address.
 */

import { Store } from './worklists/store.mjs';
import { DONE_WORDS } from './review_words.mjs';
import { classLabel } from './worklists/names.mjs';

/** Facets that people choose values of, with the name in the address and the word for one value. */
export const CHOICES = /** @type {const} */ ({
  class_name: { link: 'class', noun: 'class', title: 'Class' },
  dataset: { link: 'dataset', noun: 'dataset', title: 'Dataset' },
  tags: { link: 'tag', noun: 'tag', title: 'Tag' },
  annotated_by: { link: 'annotator', noun: 'annotator', title: 'Annotator' },
  review: { link: 'review', noun: 'review', title: 'Review' },
});

/** States of review, in the words of the buttons that lead to them. @type {Record<string, string>} */
const REVIEW_WORDS = { accepted: DONE_WORDS.accept, dismissed: DONE_WORDS.dismiss, skipped: DONE_WORDS.skip };

/** The same in the order of the work. */
export const REVIEW_ORDER = ['unjudged', 'skipped', 'accepted', 'dismissed'];

/** Facets with a least and a greatest value. */
export const SPANS = /** @type {const} */ ({
  score: { from: 'score_from', to: 'score_to', noun: 'score' },
  edited: { from: 'updated_after', to: 'updated_before', noun: 'edited' },
});

/** @typedef {keyof typeof CHOICES} Choice */
/** @typedef {keyof typeof SPANS} Span */

/**
 * @typedef {object} Conditions
 * @property {string[]} class_name the empty text stands for points without a class; no value at all accepts any
 * @property {string[]} dataset
 * @property {string[]} tags
 * @property {string[]} annotated_by
 * @property {string[]} review
 * @property {string | null} score_from 0 to 1, as it was typed
 * @property {string | null} score_to
 * @property {string | null} updated_after a day such as "2026-01-31"
 * @property {string | null} updated_before
 */

/** @typedef {Record<string, string | number | string[]>} FilterQuery conditions as the api takes them */
/** @typedef {{facet: Choice | Span, value: string | null, words: string}} Chip a condition in words; null stands for all of a facet */

/** @type {Conditions} */
const NOTHING = {
  class_name: [], dataset: [], tags: [], annotated_by: [], review: [],
  score_from: null, score_to: null, updated_after: null, updated_before: null,
};
const FACETS = /** @type {Choice[]} */ (Object.keys(CHOICES));
/** More values of one facet are one chip. */
const MOST_CHIPS = 4;
/** Names in the address of what is not a list. */
const SPAN_LINKS = /** @type {const} */ ({
  score_from: 'score-from', score_to: 'score-to', updated_after: 'edited-from', updated_before: 'edited-to',
});
const spanLinks = () => /** @type {[keyof typeof SPAN_LINKS, string][]} */ (Object.entries(SPAN_LINKS));
const SCORE = /^(0(\.\d+)?|1(\.0+)?)$/;
const DAY = /^(?!0000)\d{4}-\d{2}-\d{2}$/;
const isScore = (/** @type {string} */ text) => SCORE.test(text);
const isDay = (/** @type {string} */ text) => DAY.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);

/** @extends {Store<Conditions>} */
export class FilterStore extends Store {
  constructor() {
    super(NOTHING);
  }

  get isActive() {
    return Object.keys(this.query()).length > 0;
  }

  /** @returns {FilterQuery} what the api is asked, without conditions that are not set */
  query() {
    const { score_from: from, score_to: to, updated_after: after, updated_before: before } = this.state;
    /** @type {FilterQuery} */
    const query = {};
    for (const facet of FACETS) if (this.state[facet].length > 0) query[facet] = this.state[facet];
    if (from !== null) query.score_from = Number(from);
    if (to !== null) query.score_to = Number(to);
    if (after !== null) query.updated_after = `${after}T00:00:00Z`;
    if (before !== null) query.updated_before = `${before}T23:59:59.999999Z`;
    return query;
  }

  /** @returns {FilterQuery} what a map cannot tell by itself */
  queryWithoutClasses() {
    const rest = this.query();
    delete rest.class_name;
    return rest;
  }

  /** @param {string[]} names of the classes of a map @returns {Uint8Array} one per class, 0 for those that are left out */
  classFlags(names) {
    const wanted = new Set(this.state.class_name);
    return Uint8Array.from(names, (name) => (wanted.size === 0 || wanted.has(name) ? 1 : 0));
  }

  // ---- changes ----------------------------------------------------------------------------------------------------

  /** @param {Choice} facet @param {string} value joins the others, or leaves them */
  toggle(facet, value) {
    const values = this.state[facet];
    this.set({ [facet]: values.includes(value) ? values.filter((one) => one !== value) : [...values, value] });
  }

  /** @param {Choice} facet @param {string} value alone; a second time all again */
  only(facet, value) {
    const [first, ...others] = this.state[facet];
    this.set({ [facet]: first === value && others.length === 0 ? [] : [value] });
  }

  /**
   * @param {Span} facet
   * @param {string | null} from least value; null for no bound, and so is what is no value
   * @param {string | null} to greatest value
   */
  setSpan(facet, from, to) {
    this.set(spanOf(facet, from, to));
  }

  /** @param {Chip} chip takes the condition away */
  remove({ facet, value }) {
    if (value === null) this.clear(facet);
    else this.toggle(/** @type {Choice} */ (facet), value);
  }

  /** @param {Choice | Span} [facet] all if none is named */
  clear(facet) {
    if (facet === undefined) this.set(NOTHING);
    else if (facet in SPANS) this.setSpan(/** @type {Span} */ (facet), null, null);
    else this.set({ [facet]: [] });
  }

  /**
   * Drops values that do not exist, as an old link may name them.
   * @param {Partial<Record<Choice, string[]>>} known names that points have; a facet that is not among them is left alone
   * @returns {{noun: string, name: string}[]} what was dropped
   */
  dropUnknown(known) {
    const dropped = [];
    for (const [key, names] of Object.entries({ ...known, review: REVIEW_ORDER })) {
      const facet = /** @type {Choice} */ (key);
      const unknown = this.state[facet].filter((name) => !names.includes(name));
      if (unknown.length === 0) continue;
      dropped.push(...unknown.map((name) => ({ noun: CHOICES[facet].noun, name })));
      this.mend({ [facet]: this.state[facet].filter((name) => names.includes(name)) });
    }
    return dropped;
  }

  // ---- words ------------------------------------------------------------------------------------------------------

  /** @returns {Chip[]} the conditions in words, each of which can be taken away */
  chips() {
    const choices = FACETS.flatMap((facet) => chipsOf(facet, this.state[facet]));
    const spans = /** @type {Span[]} */ (Object.keys(SPANS)).flatMap((facet) => {
      const words = spanWords(this.state[SPANS[facet].from], this.state[SPANS[facet].to]);
      return words === '' ? [] : [{ facet, value: null, words: `${SPANS[facet].noun} ${words}` }];
    });
    return [...choices, ...spans];
  }

  // ---- the address ------------------------------------------------------------------------------------------------

  /** @returns {Record<string, string[]>} values by their name in the address; none for a condition that is not set */
  toLink() {
    /** @type {Record<string, string[]>} */
    const link = {};
    for (const facet of FACETS) link[CHOICES[facet].link] = this.state[facet];
    for (const [name, key] of spanLinks()) link[key] = this.state[name] === null ? [] : [String(this.state[name])];
    return link;
  }

  /** @param {string} search query of an address; what it says of other things is left alone */
  adopt(search) {
    const query = new URLSearchParams(search);
    /** @type {any} */
    const found = { ...NOTHING };
    for (const facet of FACETS) found[facet] = query.getAll(CHOICES[facet].link);
    for (const facet of /** @type {Span[]} */ (Object.keys(SPANS))) {
      const { from, to } = SPANS[facet];
      Object.assign(found, spanOf(facet, query.get(SPAN_LINKS[from]), query.get(SPAN_LINKS[to])));
    }
    if (JSON.stringify(found) !== JSON.stringify(this.state)) this.set(found);
  }
}

/**
 * @param {Span} facet
 * @param {string | null} from
 * @param {string | null} to
 * @returns {Partial<Conditions>} both bounds in order; null for none, and so is what is no value
 */
function spanOf(facet, from, to) {
  const isKnown = facet === 'score' ? isScore : isDay;
  let [least, greatest] = [from, to].map((text) => (text !== null && isKnown(text) ? text : null));
  if (facet === 'score') [least, greatest] = [least === '0' ? null : least, greatest === '1' ? null : greatest];
  if (least !== null && greatest !== null && least > greatest) [least, greatest] = [greatest, least];
  return { [SPANS[facet].from]: least, [SPANS[facet].to]: greatest };
}

/** @param {Choice} facet @param {string} value @returns {string} the value as people read it */
export function valueLabel(facet, value) {
  if (facet === 'review') return REVIEW_WORDS[value] ?? value;
  if (value !== '') return value;
  return facet === 'class_name' ? classLabel(value) : `no ${CHOICES[facet].noun}`;
}

/** @param {Choice} facet @param {string[]} values @returns {Chip[]} */
function chipsOf(facet, values) {
  const { noun } = CHOICES[facet];
  if (values.length > MOST_CHIPS) return [{ facet, value: null, words: `${values.length} ${noun === 'class' ? 'classe' : noun}s` }];
  return values.map((value) => ({ facet, value, words: `${noun} ${valueLabel(facet, value)}` }));
}

/** @param {string | null} from @param {string | null} to */
function spanWords(from, to) {
  if (from !== null && to !== null) return `${from} to ${to}`;
  if (from !== null) return `from ${from}`;
  return to === null ? '' : `to ${to}`;
}
