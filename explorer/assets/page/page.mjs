/**
 * The page: joins the map with the filter, the hover card, the lists of points and Dash.
 * There is one per document; `bridge.js` makes it and calls it.
 */

import { ClassColors } from './class_colors.mjs';
import { COMPONENT } from './component_ids.mjs';
import { Dock } from './dock.mjs';
import { byId, closest } from './elements.mjs';
import { sayFailedPictures } from './failed_pictures.mjs';
import { Filtering } from './filtering.mjs';
import { HeaderFacts } from './header_facts.mjs';
import { Help } from './help.mjs';
import { HoverCard } from './hover_card.mjs';
import { Jobs } from './jobs/jobs.mjs';
import { differs, keepInAddress, readLink, writeLink } from './link.mjs';
import { KeptSelection } from './kept_selection.mjs';
import { withKey } from './keys.mjs';
import { MapPanel } from './map_panel.mjs';
import { keepNotice } from './notice.mjs';
import { useTool } from './map_tools.mjs';
import { FootTabs } from './phone/foot_tabs.mjs';
import { LookedAt } from './point/looked_at.mjs';
import { Ahead } from './point/ahead.mjs';
import { Overview } from './overview/overview.mjs';
import { Reviewing } from './reviewing.mjs';
import { Inspector } from './inspector.mjs';
import { Search } from './search/search.mjs';
import { SecondMap } from './second_map/second_map.mjs';
import { SelectedMark } from './selected_mark.mjs';
import { SelectionPanel } from './selection.mjs';
import { SimilarSearch } from './similar/similar.mjs';
import { closeMenusFromOutside, offerLogOut } from './menu.mjs';
import { Views } from './views/views.mjs';
import { ClusterGrain } from './worklists/cluster_grain.mjs';
import { countText } from './worklists/names.mjs';
import { messageOf } from './worklists/store.mjs';
import { idOfRow } from './row_id.mjs';
import { readNumbers } from './row_numbers.mjs';
import { isStep, seenAt } from './steps.mjs';
import { send } from './send.mjs';
import { listen } from '../map/listening.mjs';

/** @typedef {{id: string | null, by: "map" | "list" | "link", n?: number}} Selected store SELECTED of `explorer/state.py` */

export class Page {
  /**
   * @param {(id: string, props: object) => void} setProps Dash's way to write into a component
   * @param {string | null} firstView the view that the page's address asked for when it was opened
   * @param {import('./early.mjs').Early} early what was asked for meanwhile
   */
  constructor(setProps, firstView, early) {
    this.setProps = setProps;
    this.selectedMark = new SelectedMark();
    this.hoverCard = new HoverCard(byId(COMPONENT.mapHover));
    this.filtering = new Filtering({
      map: () => this.mapPanel,
      changed: () => {
        for (const { store } of [this.similar, this.search]) store.searchAgain();
        this.dock.filterChanged();
        this.views.forget();
      },
      say: (text) => void this.reviewing.say(text),
    });
    this.mapPanel = this.#createMap(firstView, early);
    /** @type {SelectionPanel | null} */
    this.selection = null;
    /** Number of the last choice of a point; what is answered to an older one comes too late. */
    this.nChoices = 0;
    this.classColors = new ClassColors();
    this.keptSelection = new KeptSelection({
      map: () => this.map,
      remembers: () => this.views.selecting.remembers,
      readNumbers,
      renumber: (numbers) => { this.selection?.wait(); this.views.selecting.renumber(numbers); },
      selected: (rows) => { this.selection?.show(rows); this.dock.selectedAnew(rows.length); },
      say: (text) => void this.reviewing.say(text),
    });
    /** Whether the point behind a row is being asked for, so that what is shown is not what was chosen. */
    this.isChoosing = false;
    /** @type {Selected} */
    this.selected = { id: null, by: 'link' };
    /** @type {Record<string, string | null | undefined> | null} what the address says of this page; null before it does */
    this.linked = null;
    this.reviewing = new Reviewing({
      changed: async (seen, ids) => {
        if (await this.reviewsChanged(seen, ids)) this.setProps(COMPONENT.reviews, { data: seen });
      },
      moved: () => this.dock.moved(),
      show: (id) => this.#look(id),
    });
    const say = (/** @type {string} */ text) => void this.reviewing.say(text);
    const conditions = () => this.filtering.store.query();
    this.inspector = new Inspector({
      selectedId: () => (this.isChoosing ? null : this.selected.id),
      judge: (verdict, judged, className) => this.dock.judging.judge(verdict, judged, className),
      undoReview: (review, collection, isTogether) => this.dock.judging.undoReview(review, collection, isTogether),
      undoLast: () => this.dock.judging.undoLast(),
      walk: (direction) => { if (!this.dock.walk(direction)) this.#stepSelection(direction); },
      focusList: () => this.dock.focusList(),
      say,
    });
    this.views = new Views({
      conditions,
      lookedAt: () => this.selected.id,
      onlyClass: (name) => this.filtering.store.set({ class_name: [name] }),
      refreshJudged: () => this.dock?.showVerdicts(),
      select: (rows) => this.map?.select(rows),
      restore: (readRows, around) => this.dock.lateSelection.select(readRows, around),
      map: () => this.mapPanel,
      readNumbers,
      say,
      tagged: () => this.filtering.pointsChanged(),
    });
    this.grain = new ClusterGrain(location.search);
    keepInAddress(this.grain);
    const divide = () => void this.mapPanel?.coloring.divide(this.grain.state.grain.resolution);
    this.grain.subscribe(divide);
    divide();
    this.secondMap = new SecondMap(this.views.look, () => this.mapPanel);
    this.dock = new Dock({
      queue: this.reviewing.queue,
      map: () => this.mapPanel,
      selection: () => this.selection,
      look: (id) => this.#look(id),
      lookedAt: () => this.selected.id,
      enterList: () => this.inspector.enterList(),
      sayWhere: () => this.inspector.sayWhere(),
      say,
      opened: (tools) => this.views.open(tools),
      showsVerdicts: () => this.views.isOpen,
      grain: this.grain,
      colorBy: (value) => this.#colorBy(value),
      fetch: early.answers.fetch,
      conditions,
      clearFilter: () => this.filtering.store.clear(),
    });
    this.jobs = new Jobs(setProps, () => { void this.facts.open(this.facts.name); });
    this.facts = new HeaderFacts(() => this.jobs.lookAgain());
    this.search = new Search({ info: this.facts, map: () => this.mapPanel, colorOf: this.classColors.of, say, conditions });
    this.lookedAt = new LookedAt(this.classColors.of);
    this.similar = new SimilarSearch({
      selectedId: () => (this.isChoosing ? null : this.selected.id), isChoosing: () => this.isChoosing,
      look: (id) => this.#look(id),
      leave: () => this.#choose({ id: null, by: 'map' }),
      map: () => this.mapPanel,
      inspector: this.lookedAt, lookedAt: this.lookedAt.store, examples: () => this.dock.suspects?.examples, colorOf: this.classColors.of, conditions, say,
    });
    new Ahead(this);
    this.overview = new Overview(this.facts, (key) => this.dock.openTab(key));
    this.footTabs = new FootTabs(this.dock);
    this.help = new Help();
    closeMenusFromOutside();
    sayFailedPictures();
    keepNotice(() => setProps(COMPONENT.notice, { children: null }));
    void offerLogOut(send);
    this.#listenToPage();
    if (this.mapPanel) this.#listenToMap(this.mapPanel);
    this.#adoptColors();
    window.addEventListener('popstate', () => this.#goBack());
    this.reviewing.resume();
  }

  /** @param {string | null} firstView @param {import('./early.mjs').Early} early @returns {MapPanel | null} null, with the reason on the page, where the browser cannot show it */
  #createMap(firstView, early) {
    try {
      const page = { colorBy: this.#colorBy.bind(this), showAgain: this.showMap.bind(this) };
      return new MapPanel(this.filtering, firstView, page, early);
    } catch (error) {
      byId(COMPONENT.mapStatus).textContent = messageOf(error);
      return null;
    }
  }

  // ---- what tests and curious people ask --------------------------------------------------------------------------

  get map() {
    return this.mapPanel?.map;
  }

  get queue() {
    return this.reviewing.queue;
  }

  get spec() {
    return this.mapPanel?.spec;
  }

  // ---- called by Dash ---------------------------------------------------------------------------------------------

  /**
   * Verdicts changed. Whatever else shows them would compete with the list that somebody works on, and waits for it.
   * @param {{collection: string, revision: string}} seen store REVIEWS of `explorer/state.py`
   * @param {(string | null)[]} [ids] points that they are on, if they were given here
   * @returns {Promise<boolean>} whether that was news, and is the newest still
   */
  async reviewsChanged({ collection, revision }, ids = []) {
    const listed = collection === this.dock.collection?.name ? this.dock.reviewsChanged(revision) : null;
    if (!listed) return false;
    if (ids.includes(this.selected.id)) this.lookedAt.store.follow(revision); // somebody looks at it
    await listed;
    if (revision !== this.dock.reviewRevision) return false; // the verdict after it is followed instead
    this.lookedAt.store.follow(revision);
    this.filtering.pointsChanged();
    this.overview.look(collection);
    if (this.similar.store.state.fault) this.similar.store.searchAgain(); // a server that came back says so
    return true;
  }

  /** @param {import('./map_panel.mjs').MapSpec | null | undefined} spec store MAP of `explorer/state.py`: what to load, if any @param {() => unknown} load */
  async showMap(spec, load = () => this.mapPanel?.show(spec)) {
    this.hoverCard.hide();
    this.secondMap.firstGoes();
    this.jobs.open.set({ hasMap: Boolean(spec) });
    byId(COMPONENT.mapHost).hidden = !spec;
    const became = await this.keptSelection.during(spec ?? null, async () => load());
    if (became === 'late') return;
    this.selection?.show(spec && this.map ? this.map.chosenRows : []); // classes may have other colours
    this.views.linked.mapShown();
    this.similar.mapShown();
    this.secondMap.firstCame();
  }

  /** @param {import('./dock.mjs').OpenCollection | null} collection store COLLECTION of `explorer/state.py` */
  openCollection(collection) {
    const name = collection?.name ?? '';
    this.jobs.open.set({ name, shownAs: collection?.display_name ?? name });
    void this.facts.open(name);
    this.setProps(COMPONENT.otherClass, { data: collection?.classes ?? [], placeholder: withKey('Other class', '(c)') });
    this.classColors.open(collection);
    this.search.store.search(name);
    this.lookedAt.store.openCollection(name, collection?.display_name);
    this.similar.store.openCollection(name);
    this.secondMap.openCollection(name);
    this.overview.look(name);
    this.filtering.openCollection(collection, () => {
      this.views.follow(collection?.revision ?? '');
      this.dock.openCollection(collection);
    });
  }

  /**
   * The server wrote which point is selected. What was chosen here is shown already, and maybe left by now.
   * @param {Selected} selected
   */
  markSelected(selected) {
    if (selected.n !== undefined) return;
    this.nChoices += 1;
    this.isChoosing = false;
    this.#lookAt(selected);
    this.#ask(selected);
  }

  /** @param {Selected} selected */
  #ask(selected) {
    this.lookedAt.store.look(selected.id);
    this.similar.look(selected);
  }

  /** @param {Selected} selected */
  #lookAt(selected) {
    this.selected = selected;
    if (selected.id === null) this.overview.look(this.facts.name);
    this.dock.looked(selected.id);
    this.views.looked(selected.id);
    this.dock.platformButtons.look(selected.id);
    this.selectedMark.show(selected.id);
  }

  // ---- the address ------------------------------------------------------------------------------------------------

  /**
   * Back leads to what was seen before.
   * @param {Record<string, string | null | undefined>} values what is seen now
   * @param {number} nChoice number of the choice of the point; what is told of an older one comes too late
   */
  writeLink(values, nChoice = this.nChoices) {
    if (nChoice < this.nChoices) return;
    writeLink(values, { isStep: this.linked !== null && isStep(location.search, values) });
    this.linked = values;
  }

  /** @param {string} value key of `COLORINGS` that dots are coloured by; the address keeps it */
  #colorBy(value) {
    const colors = { colors: value === 'class' ? [] : [value] };
    if (differs(colors)) writeLink(colors, { isStep: true });
    void this.mapPanel?.coloring.show(value);
  }

  /** Colours dots as the address says. */
  #adoptColors() {
    void this.mapPanel?.coloring.show(readLink('colors') ?? 'class');
  }

  /** Shows what the address says again. Another map is opened as from a link. */
  #goBack() {
    this.#adoptColors();
    const { collection, projection, id, view } = seenAt(location.search);
    if (projection !== this.linked?.projection || collection !== this.linked?.collection) location.reload();
    else {
      if (id !== this.selected.id) this.#choose({ id, by: 'link' });
      this.views.linked.goBack();
    }
    if (view !== null) this.mapPanel?.lookFrom(view);
  }

  // ---- choosing a point -------------------------------------------------------------------------------------------

  /** @param {Selected} selected chosen here, and now */
  #choose(selected) {
    this.nChoices += 1;
    this.isChoosing = false;
    this.#lookAt({ ...selected, n: this.nChoices });
    this.#ask(selected);
    this.setProps(COMPONENT.selected, { data: this.selected });
  }

  /** @param {string} id of a point of a list */
  #look(id) { this.#choose({ id, by: 'list' }); }

  /**
   * The api knows which point is behind a row of the map; nothing needs no answer.
   * @param {number} row -1 for nothing
   */
  async #chooseRow(row) {
    if (row < 0) return this.#choose({ id: null, by: 'map' });
    this.nChoices += 1;
    const choice = this.nChoices;
    this.isChoosing = true;
    this.dock.leaveList();
    const { id, why } = await idOfRow(`${this.spec?.rowUrl}?rows=${row}`);
    if (choice !== this.nChoices) return; // something else was chosen meanwhile
    this.isChoosing = false;
    this.mapPanel?.say(why);
    if (id !== null) this.#choose({ id, by: 'map' });
  }

  /** @param {1 | -1} direction */
  #stepSelection(direction) {
    const row = this.selection?.next(this.map?.selected ?? -1, direction);
    if (row !== undefined) this.map?.choose(row, 'list');
  }

  // ---- the map speaks ---------------------------------------------------------------------------------------------

  /** @param {MapPanel} mapPanel */
  #listenToMap(mapPanel) {
    const selection = new SelectionPanel(byId(COMPONENT.selection), (row) => mapPanel.describe(row), () => mapPanel.spec?.rowUrl ?? '');
    this.selection = selection;
    /** @type {Record<string, (detail: any) => void>} the events of `PointMap` */
    const reactions = {
      hover: ({ row, px, py }) => {
        if (row < 0) this.hoverCard.hide();
        else this.hoverCard.show(mapPanel.describe(row), px, py);
      },
      choose: ({ row }) => {
        void this.#chooseRow(row);
        this.#announce(row < 0 ? 'Nothing selected' : `Selected a point of class ${mapPanel.describe(row).className}`);
      },
      select: ({ rows }) => {
        if (this.keptSelection.takes(rows)) return;
        selection.show(rows);
        this.views.selecting.selected(rows); // before the tab is opened for it: Back then leads to both
        this.dock.selected(rows.length);
        this.#announce(`${countText(rows.length, 'point')} selected`);
      },
      view: ({ text }) => this.setProps(COMPONENT.view, { data: text }),
    };
    for (const [name, react] of Object.entries(reactions)) listen(mapPanel.map, name, react);
    for (const name of ['pointerover', 'focusin']) {
      document.addEventListener(name, ({ target }) => mapPanel.emphasize(target));
    }
  }

  /** @param {string} text for screen readers */
  #announce(text) { byId(COMPONENT.mapLive).textContent = text; }

  // ---- the page speaks --------------------------------------------------------------------------------------------

  #listenToPage() {
    document.addEventListener('keydown', (event) => {
      const { zone } = this.inspector;
      if (!this.views.key(event, zone) && !this.dock.key(event, zone)) this.inspector.key(event);
    });
    for (const name of ['pointerdown', 'focusin']) {
      document.addEventListener(name, ({ target }) => this.inspector.enter(target));
    }
    document.addEventListener('click', (event) => {
      if (this.inspector.click(event)) return;
      const pointId = closest(event.target, '[data-point-id]')?.dataset.pointId;
      if (pointId) this.#look(pointId);
      const row = closest(event.target, '[data-row]')?.dataset.row;
      if (row) this.map?.choose(Number(row), 'list');
      const tool = closest(event.target, '[data-map-tool]')?.dataset.mapTool;
      if (tool) useTool(tool, this);
    });
  }
}
