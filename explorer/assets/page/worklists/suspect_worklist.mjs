/**
 * The list of suspects, page by page. It moves on before a verdict is recorded: those that come next are there already.
 * What is taken back is shown at once too: a copy stands in for a card until the list has it again. Whoever judges, here
 * or elsewhere, the list is asked for anew, ranked by what was judged, and stays in view meanwhile. Knows no document.
 */

import { CardWorklist, sentence } from './card_worklist.mjs';
import { Examples } from './examples.mjs';
import { messageOf } from './store.mjs';
import { cardOfSuspect } from './suspect_card.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */
/** @typedef {import('../review_queue.mjs').Given} Given */
/** @typedef {import('../review_queue.mjs').Verdict} Verdict */

/** @typedef {import('./suspect_card.mjs').Suspect} Suspect */
/** @typedef {import('./suspect_card.mjs').SuspectCard} SuspectCard */
/** @typedef {{place: number, card: SuspectCard}} Copy of the card at `place` of the list */

const PAGE = 24;
/** How many of those behind a page come with it, to move up while a verdict is recorded and the rest is ranked anew. */
const SPARE = 12;
const VERDICTS = ['a', 'd', 's'];

/** @param {number} pageNumber from 1 @returns what a request for it says, beside the page's filter */
export function queryOf(pageNumber) {
  return { limit: PAGE + SPARE, offset: (pageNumber - 1) * PAGE };
}

export class SuspectWorklist extends CardWorklist {
  /** @override */
  showsReviews = false;

  /** @param {Tools} tools */
  constructor(tools) {
    super(tools, async () => ({ cards: [], hasMore: false }));
    /** The page's filter that the list is of, as text. */
    this.filter = this.wantedFilter;
    this.pageNumber = 1;
    this.nPages = 1;
    this.nMatching = 0;
    /** How many there are without the filter. */
    this.nSuspects = 0;
    this.nRanked = 0;
    /** Whether another page or filter is on its way, so that what is shown is not what was asked for. */
    this.isTurning = false;
    /** Whether the list is on its way. */
    this.isAsking = false;
    /** Whether what is shown may have changed. */
    this.isOutdated = true;
    /** @type {string | null} revision of the reviews that the list is of, or was asked for */
    this.revision = null;
    /** @type {SuspectCard[]} the page as the api had it, and some that come next */
    this.loaded = [];
    /** @type {WeakMap<Given, {list: string, filter: string, cards: Copy[]}>} cards that a verdict was given on */
    this.copies = new WeakMap();
    /** @type {(Copy & {given: Given, list: string})[]} what is taken back; a list that is on its way may lack it */
    this.standIns = [];
    /** @type {string | null} id of a card that is looked at and ranks behind the page now */
    this.held = null;
    /** @type {number | null} place of the card that comes next when the list is there, -1 for the last */
    this.awaited = null;
    /** Place that the walk goes on from if the card there has left the list. */
    this.anchor = 0;
    /** @type {Set<string>} ids of what was looked at, and of what stood before it then */
    this.passed = new Set();
    /** Whether the card at work had risen above the one before. */
    this.hasClimbed = false;
    /** @type {Verdict | null} whose button has the keyboard's focus, on the next card too */
    this.focused = null;
    this.examples = new Examples(tools.api);
  }

  get offset() {
    return (this.pageNumber - 1) * PAGE;
  }

  /** Which list is shown, as text. */
  get list() {
    return `${this.filter} ${this.pageNumber}`;
  }

  /** The page's filter, as text. */
  get wantedFilter() {
    return JSON.stringify(this.tools.api.conditions());
  }

  /** Whether the page's filter leaves out some. */
  get isNarrowed() {
    return this.filter !== '{}';
  }

  /** @returns {number | null} how many entries there are, null until that is known */
  get count() {
    return this.state.status === 'ready' ? this.nMatching : null;
  }

  /** Which card this is of how many, those included that were judged here. */
  get progress() {
    const { queue } = this.tools;
    const here = queue.verdicts.flatMap((given) => {
      const copies = given.isOffList ? this.copies.get(given) : undefined;
      return copies?.filter === this.filter ? copies.cards : [];
    });
    const nHidden = this.loaded.filter(({ id }) => queue.gone.has(id)).length;
    const total = here.length + this.#absent.length + Math.max(0, this.nMatching - nHidden);
    return { number: Math.min(total, here.length + this.offset + Math.max(this.place, 0) + 1), total, nJudged: here.length };
  }

  /** What stands in for cards that the list as it was loaded lacks, one per card. */
  get #absent() {
    const { gone } = this.tools.queue;
    const ids = new Set(this.loaded.map(({ id }) => id));
    return this.standIns.filter(({ card: { id } }) => !gone.has(id) && !ids.has(id) && ids.add(id));
  }

  // ---- loading ----------------------------------------------------------------------------------------------------

  /** @override @returns {Promise<void>} until the list is there, or why it is not */
  async open() {
    if (this.isOutdated) await this.refresh();
  }

  /** @override What is shown stays until the new list is there. */
  forget() {
    this.nLoads += 1;
    this.isOutdated = true;
    this.examples.forget();
  }

  /** @override */
  async reload() {
    this.isTurning = true;
    if (this.loaded.length === 0) this.set({ status: 'loading', message: '' });
    await this.refresh();
  }

  /**
   * Verdicts changed.
   * @param {string | null} revision of the reviews, if it is known
   * @returns {Promise<void>} until the list is there, or why it is not
   */
  async follow(revision) {
    if (revision !== null && revision === this.revision) return;
    this.revision = revision;
    this.isOutdated = true;
    await this.open();
  }

  /** Asks for the list anew; an older answer that arrives later is dropped. */
  async refresh() {
    if (this.filter !== this.wantedFilter) this.#startOver({ filter: this.wantedFilter, pageNumber: 1, awaited: null });
    this.isOutdated = false;
    if (this.state.status === 'idle') this.set({ status: 'loading' });
    this.nLoads += 1;
    const mine = this.nLoads;
    this.isAsking = true;
    const pending = this.tools.queue.undone;
    try {
      const found = await this.tools.api.get('/suspects', queryOf(this.pageNumber));
      const held = await this.#askHeld(found.suspects);
      if (mine === this.nLoads) this.#show(found, pending, held);
    } catch (error) {
      if (mine === this.nLoads) this.#fail(messageOf(error));
    } finally {
      if (mine === this.nLoads) this.isAsking = false;
    }
  }

  /**
   * Others may rank above what somebody looks at meanwhile, or somebody else may have judged it.
   * @param {Suspect[]} listed
   * @returns {Promise<string | null>} id of what is looked at if it is a suspect still, and not listed
   */
  async #askHeld(listed) {
    const { current } = this.state;
    const known = [...listed, ...this.standIns.map(({ card }) => card)];
    if (current === null || this.tools.queue.gone.has(current) || known.some(({ id }) => id === current)) return null;
    const { suspects } = await this.tools.api.get('/suspects', { limit: 1, ids: current });
    if (current !== this.state.current) return this.#askHeld(listed); // somebody went on meanwhile
    return suspects.length > 0 ? current : null;
  }

  /**
   * @param {any} found as the api has it
   * @param {Given[]} pending verdicts whose end was not recorded yet when it was asked for, so that it may lack them
   * @param {string | null} held id of a card that stays, though it is not among them
   */
  #show(found, pending, held) {
    this.held = held;
    this.nMatching = found.n_matching;
    this.nSuspects = found.n_suspects;
    this.nRanked = found.n_ranked;
    this.nPages = Math.max(1, Math.ceil(found.n_matching / PAGE));
    this.revision = found.review_revision;
    if (this.pageNumber > this.nPages) { // the last page was judged away
      this.pageNumber = this.nPages;
      this.refresh();
      return;
    }
    this.isTurning = false;
    this.loaded = found.suspects.map((/** @type {Suspect} */ suspect, /** @type {number} */ place) => cardOfSuspect(suspect, this.offset + place + 1));
    const { queue } = this.tools;
    const ids = this.loaded.map(({ id }) => id);
    queue.listed(ids);
    const undone = new Set([...pending, ...queue.undone]);
    this.standIns = this.standIns.filter(({ given, list }) => undone.has(given) && list === this.list);
    this.arrange({ status: 'ready', message: sentence(found.why_empty) });
    this.#goToAwaited();
  }

  /** @param {string} message what nobody asked for is tried again later, and what is shown stays */
  #fail(message) {
    this.isOutdated = true;
    this.revision = null;
    if (this.isTurning || this.state.status !== 'ready') this.set({ status: 'failed', message });
    else this.tools.say(`The list of suspects is not up to date. ${message}`);
  }

  /**
   * Shows what is listed: without what was judged a moment ago, with what was taken back.
   * @param {Partial<import('./card_worklist.mjs').ListState>} changes
   */
  arrange(changes = {}) {
    const { gone, skipped } = this.tools.queue;
    const cards = this.loaded.filter(({ id }) => !gone.has(id)).slice(0, PAGE)
      .map((card) => (skipped.has(card.id) ? { ...card, skippedBy: card.skippedBy ?? this.tools.who() } : card));
    for (const { place, card } of this.#absent) cards.splice(place, 0, card);
    this.#hold(cards);
    const ids = new Set(cards.map(({ id }) => id));
    const { current, marked } = this.state;
    this.set({
      cards, current: current !== null && ids.has(current) ? current : null,
      marked: new Set([...marked].filter((id) => ids.has(id))), ...changes,
    });
  }

  /**
   * What somebody looks at stays where it is until they look at another.
   * @param {import('./card_worklist.mjs').Card[]} cards in their new order
   */
  #hold(cards) {
    const { place, state: { current, cards: before }, held, tools: { queue } } = this;
    const isMissing = !cards.some(({ id }) => id === current);
    const isKnown = current === held || this.loaded.some(({ id }) => id === current);
    if (current !== null && place >= 0 && isMissing && isKnown && !queue.gone.has(current)) cards.splice(Math.min(place, cards.length), 0, before[place]);
  }

  /** @override @param {Partial<import('./card_worklist.mjs').ListState>} changes */
  set(changes) {
    super.set(changes);
    if (this.place >= 0) this.anchor = this.place;
  }

  // ---- pages ------------------------------------------------------------------------------------------------------

  /** @param {number} distance backwards if negative @param {number | null} awaited as the field of that name */
  turn(distance, awaited = null) {
    const page = this.pageNumber + distance;
    if (page < 1 || page > this.nPages) return;
    this.#startOver({ pageNumber: page, awaited });
    this.refresh();
  }

  /** Shows a page that the address names, under the filter of now; the answer says whether there is one. @param {number} pageNumber */
  adopt(pageNumber) {
    if (pageNumber === this.pageNumber) return;
    this.#startOver({ filter: this.wantedFilter, pageNumber, nPages: Math.max(pageNumber, this.nPages), awaited: null });
    this.refresh();
  }

  /** @param {Partial<SuspectWorklist>} where */
  #startOver(where) {
    Object.assign(this, { ...where, isTurning: true, standIns: [], passed: new Set(), hasClimbed: false });
    this.set({ current: null, marked: new Set() });
    this.anchor = 0;
  }

  // ---- walking ----------------------------------------------------------------------------------------------------

  /** @override Each step looks at its card; behind the last one is the next page. @param {number} distance */
  walk(distance) {
    const { cards } = this.state;
    const { place } = this;
    if (this.isTurning || cards.length === 0) return;
    const next = place < 0 ? Math.min(this.anchor, cards.length - 1) : place + distance;
    if (cards[next]) this.lookAt(cards[next].id);
    else this.turn(distance > 0 ? 1 : -1, distance > 0 ? 0 : -1);
  }

  /** @param {string} id of a card */
  lookAt(id) {
    this.awaited = null;
    this.set({ current: id });
    for (const card of this.state.cards.slice(0, this.place + 1)) this.passed.add(card.id);
    this.tools.look(id);
  }

  /** @param {string | null} id of a point that somebody chose; keys are about it if it is listed */
  looked(id) {
    if (id === null || id !== this.state.current) this.awaitNone();
    if (id !== null && !this.state.cards.some((card) => card.id === id)) return;
    if (id !== this.state.current) this.set({ current: id });
    if (id === null) this.anchor = 0;
  }

  /** Somebody chose another point than the card that comes next when the list is there. */
  awaitNone() {
    this.awaited = null;
  }

  #goToAwaited() {
    const { cards } = this.state;
    if (this.awaited === null || cards.length === 0) return;
    this.lookAt(cards.at(this.awaited < 0 ? -1 : Math.min(this.awaited, cards.length - 1))?.id ?? '');
  }

  /** @param {number} place of the card that comes next; behind the last one is the next page */
  #goTo(place) {
    const card = this.state.cards[place];
    if (card) this.lookAt(card.id);
    else if (this.tools.queue.gone.size === 0) this.turn(1, 0);
    else this.awaited = place;
  }

  // ---- judging ----------------------------------------------------------------------------------------------------

  /** @override `gave` moves on. */
  moveOn() {
    this.clear();
  }

  /** One card, whatever is marked. @param {SuspectCard} card @param {Verdict} verdict */
  judge(card, verdict) {
    this.tools.judge(verdict, card.points, verdict === 'accept' ? card.suggested : null);
  }

  /**
   * A verdict was given, here or anywhere on the page.
   * @param {Given} given
   * @param {boolean} isInView whether the list is, so that it moves on
   */
  gave(given, isInView) {
    const { state: { cards }, list } = this;
    const copies = cards.flatMap((card, place) => (given.ids.includes(card.id) ? [{ place, card: /** @type {SuspectCard} */ (card) }] : []));
    if (copies.length > 0) this.copies.set(given, { list, filter: this.filter, cards: copies });
    this.#skip(given, this.tools.who());
    this.arrange();
    if (copies.length > 0 && isInView) this.#goTo(this.#risenBefore(given.isOffList ? copies[0].place : (copies.at(-1)?.place ?? 0) + 1));
  }

  /**
   * The ranking follows each verdict; what has risen above the card at work meanwhile is not left behind.
   * @param {number} place of the card that would come next
   * @returns {number} the place before it that nobody has passed yet; after such a one, where the work was left
   */
  #risenBefore(place) {
    const fresh = this.state.cards.findIndex(({ id }) => !this.passed.has(id));
    const isAbove = fresh >= 0 && fresh < place;
    const goesThere = fresh >= 0 && (isAbove || this.hasClimbed);
    this.hasClimbed = isAbove;
    return goesThere ? fresh : place;
  }

  /** @param {Given} given a verdict that is taken back */
  tookBack(given) {
    const copies = this.copies.get(given);
    if (copies?.list === this.list) this.standIns.push(...copies.cards.map((copy) => ({ ...copy, given, list: this.list })));
    this.#skip(given, null);
    this.arrange();
    if (given.id !== null) this.lookAt(given.id);
  }

  /** @param {Given} given @param {string | null} who left its points for later; null if nobody does */
  #skip({ ids, isOffList }, who) {
    if (!isOffList) this.loaded = this.loaded.map((card) => (ids.includes(card.id) ? { ...card, skippedBy: who } : card));
  }

  /** @override @param {string} key a verdict is on what is looked at; without a card it goes to the next one */
  key(key) {
    const { current, marked } = this.state;
    if (!VERDICTS.includes(key) || marked.size > 0) return super.key(key);
    if (current === null) this.walk(1);
    else if (!this.tools.isLookedAt(current)) this.lookAt(current);
    else return super.key(key);
    return true;
  }
}
