/** The dock under the map: tabs of worklists, a separator that sets its height, and what connects them to the page. */

import { COMPONENT } from './component_ids.mjs';
import { Bar, panelId, tabId } from './dock_bar.mjs';
import { DockState } from './dock_state.mjs';
import { byId, within } from './elements.mjs';
import { isElsewhere, isMarkAll, isTyping, markAll } from './dock_keys.mjs';
import { Judging } from './judging.mjs';
import { LateSelection } from './late_selection.mjs';
import { differs, keepInAddress, readLink, writeLink } from './link.mjs';
import { PlatformButtons } from './supervisely/actions.mjs';
import { Platform } from './supervisely/platform.mjs';
import { send } from './send.mjs';
import { NothingYet } from './cards.mjs';
import { CollectionApi } from './worklists/collection_api.mjs';
import { judgedAs, JudgedStore } from './worklists/judged.mjs';
import { TabCounts } from './tab_counts.mjs';
import { OpenCell } from './worklists/open_cell.mjs';
import { createRoot, flushSync, h } from './worklists/react.mjs';
import { SuspectPage } from './worklists/suspect_page.mjs';
import { SELECTION_KEY, SUSPECTS_KEY, WORKLISTS } from './worklists/registry.mjs';

/** @typedef {import('./worklists/card_worklist.mjs').Tools} Tools */
/** @typedef {import('./worklists/registry.mjs').WorklistKind} WorklistKind */

/** @typedef {{name: string, display_name: string, revision: string, classes: string[], datasets: string[], colors: Record<string, string>, otherColor: string}} OpenCollection see `explorer/state.py` */

/**
 * @typedef {object} PageOfDock
 * @property {import('./review_queue.mjs').ReviewQueue} queue
 * @property {() => import('./map_panel.mjs').MapPanel | null | undefined} map
 * @property {() => import('./selection.mjs').SelectionPanel | null} selection
 * @property {(id: string) => void} look shows a point in the inspector
 * @property {() => string | null} lookedAt id of the point that it shows
 * @property {() => void} enterList the keyboard is at the list in view
 * @property {() => void} sayWhere tells where verdict keys mean something
 * @property {() => Record<string, unknown>} conditions of the page's filter
 * @property {() => void} clearFilter
 * @property {(tools: Tools) => void} opened a collection is open
 * @property {() => boolean} showsVerdicts whether another list than the dock's shows what stands
 * @property {(text: string) => void} say
 * @property {import('./worklists/cluster_grain.mjs').ClusterGrain} grain how finely points are divided into clusters
 * @property {(name: string) => void} colorBy colours the map
 * @property {(url: string, init?: RequestInit) => Promise<Response>} fetch
 */

const ADDRESS = 'worklist';
const CARDS_BUTTON = '.selection-cards';
const VERDICT_KEYS = ['a', 'd', 's', 'u', 'c'];
const PAUSE_MS = 150;

export class Dock {
  /** @param {PageOfDock} page */
  constructor(page) {
    this.page = page;
    /** @type {OpenCollection | null} */
    this.collection = null;
    /** @type {Map<string, any>} open worklists with a view, by key */
    this.worklists = new Map();
    /** @type {JudgedStore | null} */
    this.judged = null;
    this.judging = new Judging(page.queue, this, page.say);
    this.counts = new TabCounts();
    /** @type {string | null} revision of the reviews that the lists were told of */
    this.reviewRevision = null;
    this.isSelecting = false;
    this.lateSelection = new LateSelection(page.map, send, (select) => this.keepTab(select));
    /** Whether verdicts changed since they were asked for. */
    this.isStale = false;
    /** Whether the selection is shown as cards. */
    this.showsCards = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.pause = undefined;
    this.host = byId(COMPONENT.dockHost);
    this.state = new DockState(WORKLISTS.map(({ key }) => key), readLink(ADDRESS));
    this.openCell = new OpenCell(location.search);
    keepInAddress(this.openCell);
    this.suspectPage = new SuspectPage(() => location.search, writeLink);
    window.addEventListener('popstate', () => setTimeout(() => this.suspectPage.adopt())); // once the filter has followed
    this.roots = this.#addPanels();
    this.platformButtons = new PlatformButtons();
    flushSync(() => createRoot(byId(COMPONENT.dockBar)).render(h(Bar, { dock: this }))); // keys that lead to its tabs may come at once
    this.state.subscribe(() => this.#show());
    within(this.host, CARDS_BUTTON).addEventListener('click', () => this.#toggleCards());
    window.addEventListener('popstate', () => this.state.open(readLink(ADDRESS)));
    this.#show();
  }

  /** @returns {Map<string, {render: (element: any) => void}>} where views are drawn, by key */
  #addPanels() {
    const roots = new Map();
    for (const kind of WORKLISTS) {
      const panel = kind.panel ? byId(kind.panel) : this.host.appendChild(document.createElement('div'));
      Object.assign(panel, { id: panelId(kind), className: 'dock-panel', role: 'tabpanel' });
      panel.setAttribute('aria-labelledby', tabId(kind.key));
      if (kind.View) roots.set(kind.key, createRoot(kind.panel ? within(panel, '.dock-view') : panel));
    }
    return roots;
  }

  #show() {
    const { open, heightPx, isFull } = this.state.state;
    for (const kind of WORKLISTS) byId(panelId(kind)).hidden = kind.key !== open;
    const { style, classList } = within(document, '.page');
    style.setProperty('--dock-height', `${heightPx}px`);
    classList.toggle('has-full-dock', isFull);
    classList.toggle('has-review-mode', isFull && open === SUSPECTS_KEY);
    this.active?.open();
    if (this.isStale) this.#refreshJudged();
  }

  /** @param {string} key opened by hand, so that Back leads to the one before */
  openTab(key) {
    if (key === this.state.state.open) return;
    this.state.open(key);
    this.#link({ isStep: true });
  }

  /** @param {{isStep: boolean}} options whether Back leads to the tab before */
  #link(options) {
    const { open } = this.state.state;
    const values = { [ADDRESS]: open === SUSPECTS_KEY ? null : open };
    if (differs(values)) writeLink(values, options);
  }

  /** @returns {number} height of map and dock together, in CSS pixels */
  get roomPx() {
    return within(document, '.page').clientHeight - within(document, '.header').offsetHeight;
  }

  // ---- called by the page -----------------------------------------------------------------------------------------

  /** @param {OpenCollection | null} collection */
  openCollection(collection) {
    const isSame = collection !== null && collection.name === this.collection?.name;
    if (!isSame) this.#closeWorklists();
    this.collection = collection;
    if (collection === null) return this.#showNothing();
    for (const store of [this.openCell, this.page.grain]) store.openCollection(collection.name);
    if (isSame) this.platformButtons.refresh();
    if (!isSame) this.#createWorklists(collection);
    else this.#forget();
    this.#openSuspects();
    this.active?.open();
  }

  /** Another collection is opened, or none. */
  #closeWorklists() {
    this.lateSelection.forget();
    for (const worklist of this.worklists.values()) worklist.close();
    this.worklists.clear();
  }

  /** Nothing is indexed: lists say what they will hold. */
  #showNothing() {
    this.page.queue.open(null);
    for (const { key, hint } of WORKLISTS) this.roots.get(key)?.render(h(NothingYet, { hint }));
  }

  /** Points changed, and so may every list. */
  #forget() {
    for (const worklist of this.worklists.values()) worklist.forget();
    this.counts.pointsChanged();
  }

  /** @returns {import('./worklists/suspect_worklist.mjs').SuspectWorklist | undefined} */
  get suspects() {
    return this.worklists.get(SUSPECTS_KEY);
  }

  /** The suspects are listed whatever is in view: other lists and the tab want to know of them. */
  #openSuspects() {
    this.suspects?.open();
  }

  /** @param {OpenCollection} collection */
  #createWorklists(collection) {
    this.page.queue.open(collection.name);
    const tools = this.#toolsFor(collection);
    for (const { key, create, View } of WORKLISTS) {
      if (!create) continue;
      const worklist = create(tools);
      this.worklists.set(key, worklist);
      this.roots.get(key)?.render(h(View, { key: collection.name, worklist, dock: this.state }));
    }
    this.suspectPage.follow(this.suspects);
    this.reviewRevision = null;
    this.page.opened(tools);
    this.counts.follow(tools.api, this.worklists, this.suspects);
    this.platformButtons.open(tools);
    this.isStale = true;
    this.#refreshJudged();
  }

  /** Lists that the filter narrows are loaded anew when they are looked at. */
  filterChanged() {
    for (const { key, isNarrowed } of WORKLISTS) if (isNarrowed) this.worklists.get(key)?.forget();
    this.counts.pointsChanged();
    this.#openSuspects();
    this.active?.open();
  }

  /**
   * Somebody gave or took back verdicts, here or elsewhere.
   * @param {string | null} revision of the reviews of the open collection, if it is known
   * @returns {Promise<void> | null} until the suspects are ranked anew; null if the lists knew it
   */
  reviewsChanged(revision) {
    if (revision !== null && revision === this.reviewRevision) return null; // told by the answer to a verdict, and by Dash
    this.reviewRevision = revision;
    const listed = this.suspects?.follow(revision);
    this.moved();
    return listed ?? Promise.resolve();
  }

  /** What became of a verdict may change the lists. */
  moved() {
    this.suspects?.arrange();
    this.judged?.foresee();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      this.counts.ask();
      this.#refreshJudged();
      for (const [key, worklist] of this.worklists) {
        if (!worklist.writeBack) continue;
        if (key === this.state.state.open) worklist.reload();
        else worklist.forget();
      }
    }, PAUSE_MS);
  }

  /** All verdicts that stand are asked for only while a list shows them. */
  #refreshJudged() {
    this.isStale = !(this.active?.showsReviews || this.page.showsVerdicts());
    if (!this.isStale) this.judged?.refresh().catch(() => { this.isStale = true; }); // the connection is lost: it is asked for again
  }

  /** Another list shows verdicts by now. */
  showVerdicts() { if (this.isStale) this.#refreshJudged(); }

  /** @param {number} nRows that are selected on the map */
  selected(nRows) {
    this.lateSelection.forget();
    this.#followSelection(nRows);
  }

  /** @param {number} nRows that are selected on the map */
  #followSelection(nRows) {
    this.counts.tell(SELECTION_KEY, nRows);
    this.worklists.get(SELECTION_KEY)?.forget();
    for (const worklist of this.worklists.values()) worklist.selectionChanged?.();
    if (nRows > 0) this.active?.open();
    if (this.isSelecting) return;
    this.state.lend(SELECTION_KEY, nRows > 0);
    this.#link({ isStep: false }); // to select is a step of its own
  }

  /** The same points are selected on another map: whatever is in view stays. @param {number} nRows */
  selectedAnew(nRows) { this.keepTab(() => this.#followSelection(nRows)); }

  /** @param {() => void} select selects points; the worklist in view stays */
  keepTab(select) {
    this.isSelecting = true;
    try {
      select();
    } finally {
      this.isSelecting = false;
    }
  }

  /** @returns {any} the worklist whose cards are in view, if any */
  get active() {
    const { open } = this.state.state;
    return open === SELECTION_KEY && !this.showsCards ? undefined : this.worklists.get(open);
  }

  /** Shows the selection as cards to judge, or as a gallery. */
  #toggleCards() {
    this.showsCards = !this.showsCards;
    byId(COMPONENT.selection).classList.toggle('has-cards', this.showsCards);
    within(this.host, CARDS_BUTTON).setAttribute('aria-pressed', String(this.showsCards));
    this.active?.open();
    if (this.isStale) this.#refreshJudged();
  }

  /** @param {1 | -1} direction @returns {boolean} whether the list in view has cards of its own to walk along */
  walk(direction) {
    if (!this.active) return false;
    this.page.enterList();
    this.active.key(direction > 0 ? 'j' : 'k');
    return true;
  }

  /** Gives the focus to the current card of the list in view. */
  focusList() {
    const card = this.host.querySelector('.dock-panel:not([hidden]) .is-current');
    if (card instanceof HTMLElement) card.focus({ preventScroll: true });
  }

  /** @param {string | null} id of the point that is looked at by now */
  looked(id) {
    this.suspects?.looked(id);
  }

  /** A dot was chosen whose point is not known yet. */
  leaveList() { this.suspects?.awaitNone(); }

  /**
   * Keys belong to the list in view, but those that are pressed beside the point are about it.
   * @param {KeyboardEvent} event
   * @param {import('./inspector.mjs').Zone | null} zone where somebody last pressed
   * @returns {boolean} whether it is meant for nobody else
   */
  key(event, zone) {
    if (document.querySelector('dialog[open]')) return true;
    if (!event.defaultPrevented && !isTyping(event) && this.#openByNumber(event)) return true;
    if (!this.active || zone === 'point') return false;
    if (!event.defaultPrevented && this.#press(event, zone)) event.preventDefault();
    return true;
  }

  /** @param {KeyboardEvent} event Shift and a digit open the tab of that number, from anywhere @returns {boolean} */
  #openByNumber({ shiftKey, code }) {
    const kind = shiftKey && /^Digit[1-9]$/.test(code) ? WORKLISTS[Number(code.at(-1)) - 1] : undefined;
    if (!kind) return false;
    this.openTab(kind.key);
    this.page.enterList();
    byId(tabId(kind.key)).focus();
    return true;
  }

  /** @param {KeyboardEvent} event @param {string | null} zone where somebody last pressed @returns {boolean} whether it meant something */
  #press(event, zone) {
    const { key } = event;
    if (isMarkAll(event)) return zone === 'list' && markAll(this.host, this.active);
    if (isTyping(event)) return false;
    if (key === 'j' || key === 'k') return this.walk(key === 'j' ? 1 : -1);
    if (zone === null && VERDICT_KEYS.includes(key)) {
      this.page.sayWhere();
      return true;
    }
    return !isElsewhere(event) && this.active.key(key);
  }

  // ---- what worklists need ----------------------------------------------------------------------------------------

  /** @param {OpenCollection} collection @returns {Tools} */
  #toolsFor(collection) {
    const api = new CollectionApi(collection.name, this.page.fetch, this.page.conditions);
    const { queue, look, lookedAt, say, grain, colorBy, clearFilter } = this.page;
    const judged = new JudgedStore(() => api.getAllReviews(), () => queue.ordersIn(collection.name));
    this.judged = judged;
    const getCollection = () => this.collection ?? collection;
    return {
      api, judged, look, queue, say, grain, colorBy, clearFilter, openCell: this.openCell,
      platform: new Platform(api),
      isLookedAt: (id) => lookedAt() === id,
      get collection() { return getCollection(); },
      judge: (verdict, points, className, batch) => this.judging.judge(verdict, judgedAs(collection.name, points, judged.state.ofPoint), className, batch),
      undoLast: () => this.judging.undoLast(),
      undoReview: (review) => this.judging.undoReview(review, collection.name),
      selectOnMap: (readIds, around) => this.lateSelection.selectIds(readIds, around),
      selectedIds: () => this.#selectedIds(),
      selectedPoints: async (start, end) => {
        const selection = this.page.selection();
        return { points: (await selection?.readPoints(start, end)) ?? [], total: selection?.rows.length ?? 0 };
      },
      who: () => queue.who(),
    };
  }

  async #selectedIds() {
    const points = await this.page.selection()?.readPoints();
    return (points ?? []).map(({ id }) => String(id));
  }
}
