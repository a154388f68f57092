/**
 * The page around the map: joins the renderer with the legend, the hover card, the lists of points and Dash.
 * There is one per document; `bridge.js` makes it and calls it.
 */

import { NO_SCORE } from '../map/columns.mjs';
import { PointMap } from '../map/point_map.mjs';
import { Desk } from './desk.mjs';
import { HoverCard } from './hover_card.mjs';
import { Legend } from './legend.mjs';
import { SelectionPanel } from './selection.mjs';

/** Ids of Dash components, as `explorer/state.py` and `explorer/panels/map_view.py` name them. */
const STORE = { choice: 'store-choice', selected: 'store-selected', view: 'store-view', order: 'store-order' };
const SUSPECTS_PAGE = 'suspects-page';
const VERDICT_MESSAGE = 'verdict-message';
const HOVER_CROP_PX = 128;
const ZOOM_STEP = 1.5;

const byId = (id) => document.getElementById(id);

export class Page {
  /**
   * @param {(id: string, props: object) => void} setProps Dash's way to write into a component
   * @param {string | null} firstView the view that the page's address asked for when it was opened
   */
  constructor(setProps, firstView) {
    this.setProps = setProps;
    this.firstView = firstView;
    this.spec = null;
    /** What should light up, once the map that it belongs to has arrived. */
    this.highlighted = null;
    this.rowOfId = new Map();
    this.selectedRule = document.head.appendChild(document.createElement('style'));
    this.hoverCard = new HoverCard(byId('map-hover'));
    this.legend = new Legend(document.querySelector('.legend'), (visible) => this.#showClasses(visible));
    this.selection = new SelectionPanel(byId('selection'), (row) => this.#describe(row), () => this.spec.rowUrl);
    this.desk = new Desk({
      send: (order) => this.setProps(STORE.order, { data: order }),
      select: (id) => this.setProps(STORE.selected, { data: { id, by: 'list' } }),
      turnTo: (page) => this.setProps(SUSPECTS_PAGE, { data: page }),
      say: (text) => this.setProps(VERDICT_MESSAGE, { children: text }),
    });
    this.map = this.#createMap();
    this.#listenToPage();
    if (!this.map) return;
    this.#listenToMap();
    this.#followColorScheme();
  }

  /** @returns {PointMap | null} null, with the reason on the page, where the browser cannot show it */
  #createMap() {
    try {
      return new PointMap(byId('map-host'));
    } catch (error) {
      this.#say(error.message);
      return null;
    }
  }

  // ---- called by Dash ---------------------------------------------------------------------------------------------

  /** @param {object | null} spec store MAP of `explorer/state.py`: what to load, or null for no map */
  async showMap(spec) {
    const isSame = spec !== null && this.spec?.id === spec.id;
    const hidden = this.#hiddenClasses();
    this.spec = spec;
    this.loadedId = null;
    this.hoverCard.hide();
    this.selection.show([]);
    byId('map-host').hidden = spec === null;
    if (spec && this.map) await this.#loadMap(spec, isSame ? { view: this.map.camera.toText(), hidden } : {});
  }

  /** A map that was brought up to date keeps its view and the classes that are hidden. */
  async #loadMap(spec, { view = this.firstView, hidden = new Set() }) {
    this.legend.reset(spec.classNames.map((name) => !hidden.has(name)));
    this.#say('Loading the map …');
    this.firstView = null;
    const { colors, classNames: names } = spec;
    const { visible } = this.legend;
    try {
      if (!(await this.map.load(spec.url, { colors, names, visible, view }))) return; // another map was asked for
    } catch (error) {
      this.#say(error.message);
      return;
    }
    this.#say('');
    this.loadedId = spec.id;
    this.#relabel();
    this.#lightUp();
    if (!spec.hasScores) await this.#loadScores(spec);
    await this.#showTrust();
  }

  /** @returns {Set<string>} names of the classes that the legend hides */
  #hiddenClasses() {
    return new Set(this.spec?.classNames.filter((_, index) => this.legend.visible[index] === 0));
  }

  /** @param {object | null} relabels store RELABELS of `explorer/state.py`: verdicts changed, and so do scores */
  async relabel(relabels) {
    const isNews = this.relabels?.projection === relabels?.projection;
    this.relabels = relabels;
    this.#relabel();
    if (isNews && this.spec && this.spec.id === this.loadedId) await this.#loadScores(this.spec);
  }

  #relabel() {
    if (!this.relabels || this.relabels.projection !== this.loadedId) return;
    const { rows, classes } = this.relabels;
    this.map.relabel(rows, classes);
  }

  /** @param {object | null} highlight store HIGHLIGHT of `explorer/state.py` */
  highlight(highlight) {
    this.highlighted = highlight;
    this.#lightUp();
  }

  /** Rows mean something in their own map only, so this waits for it. */
  #lightUp() {
    if (!this.highlighted || this.highlighted.projection !== this.loadedId) return;
    const { row, neighbors, reveal } = this.highlighted;
    this.rowOfId = new Map(neighbors.map((neighbor) => [neighbor.id, neighbor.row]));
    const rows = [...this.rowOfId.values()];
    this.map.highlight(row, rows);
    const target = row >= 0 ? row : rows[0];
    if (reveal && target !== undefined) this.map.reveal(target);
  }

  /**
   * Marks the selected point wherever it is listed. A style rule does, because lists are written anew by Dash.
   * @param {string | null} id
   */
  markSelected(id) {
    const rule = id ? `[data-point-id="${CSS.escape(id)}"] { border-color: var(--accent); background: var(--accent-soft); }` : '';
    this.selectedRule.textContent = rule;
    this.desk.selectedId = id;
  }

  /** @param {"class" | "score" | "trust"} value */
  async colorBy(value) {
    byId('legend-ramp').hidden = value === 'class';
    for (const ends of document.querySelectorAll('[data-ramp-of]')) ends.hidden = ends.dataset.rampOf !== value;
    this.map?.setColorBy(value);
    await this.#showTrust();
  }

  /** @param {number} sizePx */
  setDotSize(sizePx) {
    this.map?.setDotSize(sizePx);
  }

  /** Scores take the api a while when nobody has asked before, so the map is painted without them first. */
  async #loadScores(spec) {
    await this.#loadValues(spec, 'score', spec.scoresUrl); // where that fails, the suspects panel says what is wrong
  }

  /** Trust is fetched when a map is first coloured by it, and the legend says where it was not measured. */
  async #showTrust() {
    const { spec } = this;
    byId('legend-ramp-note').textContent = '';
    if (this.map?.renderer.colorBy !== 'trust' || !spec || this.loadedId !== spec.id) return;
    if (!(await this.#loadValues(spec, 'trust', spec.trustUrl))) return;
    const isMeasured = this.map.columns.trust.some((byte) => byte !== NO_SCORE);
    byId('legend-ramp-note').textContent = isMeasured ? '' : 'Not measured when this map was made; make it anew.';
  }

  /** @returns {Promise<boolean>} whether the values came, while their map is still the one that is shown */
  async #loadValues(spec, column, url) {
    const response = await fetch(url);
    if (!response.ok) return false;
    const values = new Uint8Array(await response.arrayBuffer());
    if (this.spec !== spec || this.loadedId !== spec.id) return false;
    this.map.setValues(column, values);
    return true;
  }

  // ---- the map speaks ---------------------------------------------------------------------------------------------

  #listenToMap() {
    this.map.addEventListener('hover', ({ detail }) => this.#hover(detail));
    this.map.addEventListener('choose', ({ detail }) => this.#choose(detail));
    this.map.addEventListener('select', ({ detail }) => this.#select(detail.rows));
    this.map.addEventListener('tool', ({ detail }) => this.#markTool(detail.tool));
    this.map.addEventListener('view', ({ detail }) => this.setProps(STORE.view, { data: detail.text }));
  }

  #describe(row) {
    const index = this.map.columns.classIndex[row];
    return {
      cropUrl: `${this.spec.rowUrl}/${row}/crop?size=${HOVER_CROP_PX}`,
      className: this.spec.classNames[index],
      color: this.map.colors[index],
      score: this.map.valueOf(row, 'score'),
    };
  }

  #hover({ row, px, py }) {
    if (row < 0) this.hoverCard.hide();
    else this.hoverCard.show(this.#describe(row), px, py);
  }

  #choose({ row }) {
    this.setProps(STORE.choice, { data: { row } });
    this.#announce(row < 0 ? 'Nothing selected' : `Selected a point of class ${this.#describe(row).className}`);
  }

  #select(rows) {
    this.selection.show(rows);
    this.#announce(`${rows.length.toLocaleString('en')} points selected`);
  }

  #markTool(tool) {
    for (const button of document.querySelectorAll('[data-map-tool][aria-pressed]:not([data-map-tool=names])')) {
      button.setAttribute('aria-pressed', String(button.dataset.mapTool === tool));
    }
  }

  #showClasses(visible) {
    this.map?.setClasses(this.spec.colors, visible);
  }

  #say(text) {
    byId('map-status').textContent = text;
  }

  /** For screen readers. */
  #announce(text) {
    byId('map-live').textContent = text;
  }

  // ---- the page speaks --------------------------------------------------------------------------------------------

  #listenToPage() {
    document.addEventListener('keydown', (event) => this.desk.key(event));
    document.addEventListener('click', (event) => {
      const { target } = event;
      if (this.desk.click(event)) return;
      const pointId = target.closest('[data-point-id]')?.dataset.pointId;
      if (pointId) this.desk.select(pointId);
      if (!this.map) return;
      const row = target.closest('[data-row]')?.dataset.row;
      if (row) this.map.choose(Number(row), 'list');
      const tool = target.closest('[data-map-tool]')?.dataset.mapTool;
      if (tool) this.#useTool(tool);
    });
    const pointAt = ({ target }) => {
      const pointId = target.closest?.('[data-point-id]')?.dataset.pointId;
      const row = target.closest?.('[data-row]')?.dataset.row ?? this.rowOfId.get(pointId);
      this.map?.emphasize(Number(row ?? -1));
    };
    for (const name of ['pointerover', 'focusin']) document.addEventListener(name, pointAt);
  }

  #useTool(tool) {
    const tools = {
      'zoom-in': () => this.map.viewport.zoomBy(ZOOM_STEP),
      'zoom-out': () => this.map.viewport.zoomBy(1 / ZOOM_STEP),
      fit: () => this.map.viewport.fit(),
      clear: () => this.map.clear(),
      names: () => this.#toggleNames(),
      png: () => this.#save('map.png', this.map.toPng(this.#cssColor('--map-paper'))),
      csv: () => this.#save('selection.csv', this.selection.toCsv()),
    };
    if (tools[tool]) tools[tool]();
    else this.map.setTool(tool);
  }

  #toggleNames() {
    const button = document.querySelector('[data-map-tool=names]');
    const isShown = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(isShown));
    this.map.showNames(isShown);
  }

  /** @param {string} name @param {Promise<Blob>} content */
  async #save(name, content) {
    const anchor = document.createElement('a');
    try {
      anchor.href = URL.createObjectURL(await content);
    } catch (error) {
      this.#say(error.message);
      return;
    }
    anchor.download = name;
    anchor.click();
    URL.revokeObjectURL(anchor.href);
  }

  // ---- colours ----------------------------------------------------------------------------------------------------

  #cssColor(name) {
    return getComputedStyle(document.querySelector('.page')).getPropertyValue(name).trim();
  }

  #applyTheme() {
    this.map.setTheme({
      ink: this.#cssColor('--map-ink'), paper: this.#cssColor('--map-paper'), accent: this.#cssColor('--map-accent'),
    });
    this.map.setRamp([0, 1, 2, 3].map((stop) => this.#cssColor(`--ramp-${stop}`)), this.#cssColor('--map-none'));
  }

  #followColorScheme() {
    this.#applyTheme();
    new MutationObserver(() => this.#applyTheme()).observe(document.documentElement, {
      attributeFilter: ['data-mantine-color-scheme'],
    });
  }
}
