/** The dock under the map: tabs of worklists, a separator that sets its height, and what connects them to the page. */

import { COMPONENT } from './component_ids.mjs';
import { DockState, highestPx, LOWEST_PX } from './dock_state.mjs';
import { byId, closest, within } from './elements.mjs';
import { readLink, writeLink } from './link.mjs';
import { PlatformButtons } from './supervisely/actions.mjs';
import { Platform } from './supervisely/platform.mjs';
import { CollectionApi } from './worklists/collection_api.mjs';
import { judgedAs, JudgedStore } from './worklists/judged.mjs';
import { createRoot, h, useStore } from './worklists/react.mjs';
import { SELECTION_KEY, SUSPECTS_KEY, WORKLISTS } from './worklists/registry.mjs';

/** @typedef {import('./worklists/card_worklist.mjs').Tools} Tools */
/** @typedef {import('./worklists/registry.mjs').WorklistKind} WorklistKind */

/** @typedef {{name: string, revision: string, classes: string[], colors: Record<string, string>}} OpenCollection see `explorer/state.py` */

/**
 * @typedef {object} PageOfDock
 * @property {import('./review_queue.mjs').ReviewQueue} queue
 * @property {() => import('./map_panel.mjs').MapPanel | null | undefined} map
 * @property {() => import('./selection.mjs').SelectionPanel | null} selection
 * @property {(id: string) => void} look shows a point in the inspector
 * @property {(text: string) => void} say
 */

const ADDRESS = 'worklist';
const CARDS_BUTTON = '.selection-cards';
const TYPED_INTO = 'input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]';
const OTHER_PLACES = '.header, .legend, .map-host, dialog';
/** What letters pass through, but no other key. */
const KEYED = 'button, summary, a, input, [role=separator]';
const PAUSE_MS = 150;

const tabId = (/** @type {string} */ key) => `dock-tab-${key}`;
const panelId = (/** @type {WorklistKind} */ { key, panel }) => panel ?? `dock-panel-${key}`;

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
    this.isSelecting = false;
    /** Whether verdicts changed since they were asked for. */
    this.isStale = false;
    /** Whether the selection is shown as cards. */
    this.showsCards = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.pause = undefined;
    this.host = byId(COMPONENT.dockHost);
    this.state = new DockState(WORKLISTS.map(({ key }) => key), readLink(ADDRESS), localStorage);
    this.roots = this.#addPanels();
    this.platformButtons = new PlatformButtons();
    createRoot(byId(COMPONENT.dockBar)).render(h(Bar, { dock: this }));
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
    document.getElementById(tabId(open))?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    within(document, '.page').style.setProperty('--dock-height', `${heightPx}px`);
    this.host.classList.toggle('is-full', isFull);
    this.active?.open();
    if (this.isStale) this.#refreshJudged();
  }

  /** @param {string} key opened by hand, so that Back leads to the one before */
  openTab(key) {
    if (key === this.state.state.open) return;
    this.state.open(key);
    writeLink({ [ADDRESS]: key === SUSPECTS_KEY ? null : key }, { isStep: true });
  }

  /** @returns {number} height of map and dock together, in CSS pixels */
  get roomPx() {
    return within(document, '.page').clientHeight - within(document, '.header').offsetHeight;
  }

  // ---- called by the page -----------------------------------------------------------------------------------------

  /** @param {OpenCollection | null} collection */
  openCollection(collection) {
    const isSame = collection !== null && collection.name === this.collection?.name;
    this.collection = collection;
    if (collection === null) return;
    if (isSame) this.platformButtons.refresh();
    if (isSame) for (const worklist of this.worklists.values()) worklist.forget();
    else this.#createWorklists(collection);
    this.active?.open();
  }

  /** @param {OpenCollection} collection */
  #createWorklists(collection) {
    const tools = this.#toolsFor(collection);
    for (const { key, create, View } of WORKLISTS) {
      if (!create) continue;
      const worklist = create(tools);
      this.worklists.set(key, worklist);
      this.roots.get(key)?.render(h(View, { key: collection.name, worklist }));
    }
    this.platformButtons.open(tools);
    this.isStale = true;
    this.#refreshJudged();
  }

  /** Somebody gave or took back verdicts, here or elsewhere. */
  reviewsChanged() {
    this.judged?.foresee();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
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
    this.isStale = this.active === undefined;
    if (!this.isStale) this.judged?.refresh().catch(() => {}); // the connection is lost; the next change asks again
  }

  /** @param {number} nRows that are selected on the map */
  selected(nRows) {
    this.worklists.get(SELECTION_KEY)?.forget();
    if (nRows > 0) this.active?.open();
    if (!this.isSelecting) this.state.lend(SELECTION_KEY, nRows > 0);
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

  /** @returns {boolean} whether the list of suspects is in view */
  get showsSuspects() {
    return this.state.state.open === SUSPECTS_KEY;
  }

  /** @param {1 | -1} direction @returns {boolean} whether the list in view has cards of its own to walk along */
  walk(direction) {
    this.active?.key(direction > 0 ? 'j' : 'k');
    return this.active !== undefined;
  }

  /**
   * Keys belong to the list in view, but those that are pressed beside the point are about it.
   * @param {KeyboardEvent} event
   * @param {string | null} zone where somebody last pressed; see `suspect_list.mjs`
   * @returns {boolean} whether it is meant for nobody else
   */
  key(event, zone) {
    if (document.querySelector('dialog[open]')) return true;
    const worklist = this.active;
    if (!worklist || zone === 'point') return false;
    if (!event.defaultPrevented && !isElsewhere(event) && worklist.key(event.key)) event.preventDefault();
    return true;
  }

  // ---- what worklists need ----------------------------------------------------------------------------------------

  /** @param {OpenCollection} collection @returns {Tools} */
  #toolsFor(collection) {
    const api = new CollectionApi(collection.name, (url, init) => fetch(url, init));
    const { queue, look, say } = this.page;
    const judged = new JudgedStore(() => api.getAllReviews(), () => queue.orders);
    this.judged = judged;
    const getCollection = () => this.collection ?? collection;
    return {
      api, judged, look, say,
      platform: new Platform(api),
      get collection() { return getCollection(); },
      judge: (verdict, points, className) => {
        if (!queue.judge(verdict, judgedAs(collection.name, points, judged.state.ofPoint), className)) say('A verdict on this is being recorded.');
        judged.foresee();
      },
      undoLast: () => {
        if (!queue.undoLast()) say('No verdict was given since this page was opened. The Reviewed tab has the earlier ones.');
        judged.foresee();
      },
      undoReview: (review) => {
        queue.undoReview(review, collection.name);
        judged.takeBack(review);
      },
      selectOnMap: (ids) => this.#selectOnMap(ids),
      selectedIds: () => this.#selectedIds(),
      selectedPoints: async (start, end) => {
        const selection = this.page.selection();
        return { points: (await selection?.readPoints(start, end)) ?? [], total: selection?.rows.length ?? 0 };
      },
      who: () => queue.who(),
    };
  }

  /** @param {string[]} ids @returns {Promise<number>} @throws {Error} if there is no map, or it does not answer */
  async #selectOnMap(ids) {
    const panel = this.page.map();
    if (!panel?.spec) throw new Error('There is no map to select points on. Make one first.');
    const response = await fetch(panel.spec.rowUrl, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ids }),
    });
    if (!response.ok) throw new Error(`The map does not know these points (status ${response.status}).`);
    const rows = (await response.json()).map((/** @type {{row: number}} */ found) => found.row);
    this.isSelecting = true; // the worklist in view stays
    try {
      panel.map.select(rows);
    } finally {
      this.isSelecting = false;
    }
    return rows.length;
  }

  async #selectedIds() {
    const points = await this.page.selection()?.readPoints();
    return (points ?? []).map(({ id }) => String(id));
  }
}

/** @param {KeyboardEvent} event @returns {boolean} whether the key belongs to what has the focus */
function isElsewhere({ target, ctrlKey, metaKey, altKey, key }) {
  if (ctrlKey || metaKey || altKey || closest(target, TYPED_INTO) || closest(target, OTHER_PLACES)) return true;
  const isLetter = key.length === 1 && key !== ' ';
  return !isLetter && key !== 'Escape' && closest(target, KEYED) !== null;
}

// ---- the bar --------------------------------------------------------------------------------------------------------

/** @param {{dock: Dock}} props */
function Bar({ dock }) {
  const { open, isFull } = useStore(dock.state);
  const words = isFull ? 'Back to the map' : 'Full height';
  return [
    h(Separator, { key: 'separator', dock }),
    h('div', { key: 'row', className: 'dock-row' },
      h('div', { className: 'dock-tabs', role: 'tablist', 'aria-label': 'Worklists' },
        WORKLISTS.map((kind) => h(Tab, { key: kind.key, kind, dock, isOpen: kind.key === open }))),
      h('button', {
        className: 'quiet dock-full', 'aria-pressed': isFull, title: `${words} (double click on the line above)`, 'aria-label': 'Full height',
        onClick: () => dock.state.toggleFull(),
      }, h('span', { className: `icon ${isFull ? 'icon-down' : 'icon-up'}` }))),
  ];
}

/** @param {{kind: WorklistKind, dock: Dock, isOpen: boolean}} props */
function Tab({ kind, dock, isOpen }) {
  const key = (/** @type {KeyboardEvent} */ event) => {
    const next = dock.state.tabOf(event.key);
    if (next === null) return;
    event.preventDefault();
    dock.openTab(next);
    byId(tabId(next)).focus();
  };
  return h('button', {
    id: tabId(kind.key), role: 'tab', className: 'dock-tab', 'aria-selected': isOpen, 'aria-controls': panelId(kind), tabIndex: isOpen ? 0 : -1,
    title: kind.hint, onClick: () => dock.openTab(kind.key), onKeyDown: key,
  }, kind.title);
}

/** @param {{dock: Dock}} props */
function Separator({ dock }) {
  const { heightPx } = useStore(dock.state);
  const { state } = dock;
  const drag = (/** @type {any} */ event) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    state.resize(dock.host.getBoundingClientRect().bottom - event.clientY, dock.roomPx);
  };
  const key = (/** @type {KeyboardEvent} */ event) => { if (state.resizeByKey(event.key, dock.roomPx)) event.preventDefault(); };
  return h('div', {
    className: 'dock-separator', role: 'separator', tabIndex: 0, 'aria-orientation': 'horizontal', 'aria-label': 'Height of the worklists',
    'aria-valuenow': heightPx, 'aria-valuemin': LOWEST_PX, 'aria-valuemax': Math.max(heightPx, highestPx(dock.roomPx)),
    title: 'Drag, or arrow keys; double click or Enter for full height and back',
    onPointerDown: (/** @type {any} */ event) => event.currentTarget.setPointerCapture(event.pointerId),
    onPointerMove: drag, onDoubleClick: () => state.toggleFull(), onKeyDown: key,
  });
}
