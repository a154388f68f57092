/** Groups of points that look the same, as cards. Knows no document. */

import { wordsAmong } from '../../map/short_names.mjs';
import { CardWorklist } from './card_worklist.mjs';
import { classLabel, countText, LONGEST_NAME } from './names.mjs';
import { messageOf } from './store.mjs';

const PAGE = 40;
/** As the api, the command line and their documentation have it. */
export const FIRST_THRESHOLD = 0.975;

/** @typedef {import('./card_worklist.mjs').Tools} Tools */
/** @typedef {import('./card_worklist.mjs').PointOfCard} PointOfCard */

/**
 * @typedef {object} Group as the api has it
 * @property {number} size
 * @property {number} lowest_similarity
 * @property {boolean} is_exact
 * @property {boolean} has_class_conflict
 * @property {boolean} is_leak
 * @property {PointOfCard[]} points at most 100
 */

/** @typedef {import('./card_worklist.mjs').Card & {group: Group, classes: {name: string, count: number}[]}} GroupCard */

/** @param {Group} group @returns {GroupCard} */
export function cardOfGroup(group) {
  return { id: group.points[0].id, points: group.points, suggested: null, reason: groupWords(group), group, classes: classesOf(group.points) };
}

/** @param {PointOfCard[]} points @returns {{name: string, count: number}[]} classes of the points, most frequent first */
function classesOf(points) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { class_name: name } of points) if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** @param {Group} group @returns {string} such as "3 look-alikes, 98.1 % similar or more" */
function groupWords({ size, is_exact: isExact, lowest_similarity: lowest }) {
  if (isExact) return `${size.toLocaleString('en')} exact copies`;
  return `${countText(size, 'look-alike')}, ${(100 * lowest).toFixed(1)} % similar or more`;
}

/** Names in a badge, and in its title. */
const [MOST_IN_BADGE, MOST_IN_TITLE] = [3, 40];

/** @typedef {{words: string, title: string}} Trouble `title` has the names in full */

/** @param {string} kind @param {string[]} names each once @returns {Trouble} */
function troubleWith(kind, names) {
  const sorted = [...names].sort();
  const short = wordsAmong(sorted, LONGEST_NAME);
  const listed = (/** @type {string[]} */ shown, /** @type {string} */ gap) => shown.join(gap) + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
  return {
    words: `${kind}: ${listed(sorted.slice(0, MOST_IN_BADGE).map((name) => short.get(name) ?? name), ', ')}`,
    title: listed(sorted.slice(0, MOST_IN_TITLE), '\n'),
  };
}

/** @param {Group} group @returns {Trouble[]} what is wrong with the group */
export function troubleOf({ has_class_conflict: hasConflict, is_leak: isLeak, points }) {
  const datasets = [...new Set(points.map(({ dataset }) => dataset).filter(Boolean))];
  const classes = [...new Set(points.map(({ class_name: name }) => classLabel(name)))];
  return [
    ...(hasConflict ? [troubleWith('conflict', classes)] : []),
    ...(isLeak ? [troubleWith('leak', /** @type {string[]} */ (datasets))] : []),
  ];
}

/** @typedef {'all' | 'conflict' | 'leak'} Kind of groups to list */

/** @type {Record<Kind, (card: GroupCard) => boolean>} */
const FITS = { all: () => true, conflict: ({ group }) => group.has_class_conflict, leak: ({ group }) => group.is_leak };

export class DuplicateWorklist extends CardWorklist {
  /** @param {Tools} tools */
  constructor(tools) {
    super(tools, (offset) => this.#load(offset));
    this.threshold = FIRST_THRESHOLD;
    /** @type {Kind} */
    this.kind = 'all';
    /** @type {GroupCard[]} of every kind */
    this.loaded = [];
    this.nGroups = 0;
  }

  /** @returns {number | null} how many groups there are, null until that is known */
  get count() {
    return this.state.status === 'ready' ? this.nGroups : null;
  }

  /** @param {number} offset 0 begins anew */
  async #load(offset) {
    const nLoaded = offset === 0 ? 0 : this.loaded.length;
    const limit = nLoaded + PAGE; // the api lists from the first one on
    const query = { threshold: this.threshold, limit };
    const mine = this.nLoads;
    const { groups, n_groups: nGroups, why_empty: whyEmpty } = await this.tools.api.get('/duplicates', query);
    const loaded = groups.map(cardOfGroup);
    if (mine === this.nLoads) Object.assign(this, { nGroups, loaded });
    return { cards: loaded.filter(FITS[this.kind]), isAll: true, whyEmpty, hasMore: groups.length < nGroups };
  }

  /** @param {Kind} kind */
  narrow(kind) {
    this.kind = kind;
    this.set({ cards: this.loaded.filter(FITS[kind]), current: null, marked: new Set() });
  }

  /** @param {number} threshold lowest cosine similarity of a look-alike, 0.5 to 1 */
  compareAt(threshold) {
    this.threshold = threshold;
    return this.reload();
  }

  /** @param {GroupCard} card @returns {boolean} whether all points of the group are known, so that it can be judged */
  static isWhole({ group }) {
    return group.size === group.points.length;
  }

  /**
   * Gives all points of a group one class.
   * @param {GroupCard} card
   * @param {string} className
   */
  unify(card, className) {
    this.set({ current: card.id, marked: new Set() });
    this.accept(className);
  }

  /**
   * Selects all points of a group but one, to be exported and removed.
   * @param {GroupCard} card
   */
  async selectOthers(card) {
    const ids = card.points.slice(1).map(({ id }) => id);
    const { selectOnMap, say } = this.tools;
    try {
      const nFound = await selectOnMap(async () => ids);
      if (nFound !== null) say(`All but the first are selected: ${countText(nFound, 'point')}. See the Selection tab to export them.`);
    } catch (error) {
      say(messageOf(error));
    }
  }

  /** @override @returns {GroupCard[]} groups that are too large to be known whole are not judged */
  get targets() {
    return /** @type {GroupCard[]} */ (super.targets).filter(DuplicateWorklist.isWhole);
  }

  /** @override @param {string} key a digit gives the current group the class of that number */
  key(key) {
    const card = /** @type {GroupCard | undefined} */ (this.state.cards[this.place]);
    const chosen = /^[1-9]$/.test(key) ? card?.classes[Number(key) - 1] : undefined;
    if (!card || !chosen) return super.key(key);
    if (DuplicateWorklist.isWhole(card)) this.unify(card, chosen.name);
    return true;
  }
}
