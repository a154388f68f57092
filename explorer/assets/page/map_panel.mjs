/** The map with what Python says about it: which map to load, scores, accepted classes, what lights up, colours. */

import { PointMap } from '../map/point_map.mjs';
import { LOST, whatIsUnseen } from '../map/unseen.mjs';
import { parseColumn } from '../map/value_column.mjs';
import { ColorLegend } from './coloring/color_legend.mjs';
import { Coloring } from './coloring/coloring.mjs';
import { drawPicture } from './coloring/map_picture.mjs';
import { COMPONENT } from './component_ids.mjs';
import { all, byId, closest, within } from './elements.mjs';
import { drawFailedPicture } from './failed_pictures.mjs';
import { MapCrops } from './map_crops.mjs';
import { answerOf, sentence } from './server.mjs';
import { cssColor, readTheme } from './theme.mjs';
import { countText } from './worklists/names.mjs';
import { createRoot, h } from './worklists/react.mjs';
import { messageOf } from './worklists/store.mjs';
import { listen } from '../map/listening.mjs';

/** @typedef {{projection: string, rows: number[], classes: number[]}} Relabels */
/** @typedef {{projection: string, row: number, neighbors: {id: string, row: number}[], reveal: boolean}} Highlight */

/**
 * @typedef {object} MapSpec what to load; see `MapSpec` in `explorer/state.py`
 * @property {string} collection
 * @property {string} id
 * @property {string} url
 * @property {string} columnsUrl
 * @property {boolean} hasScores
 * @property {string} rowUrl
 * @property {string[]} classNames
 * @property {string[]} colors
 * @property {string[]} palette of categories that are no classes
 * @property {string} otherColor of those beyond
 */

const HOVER_CROP_PX = 128;
const ZOOM_STEP = 1.5;

export class MapPanel {
  /**
   * @param {import('./filtering.mjs').Filtering} filtering says which classes recede
   * @param {string | null} firstView the view that the page's address asked for when it was opened
   * @param {object} page
   * @param {(value: string) => void} page.colorBy what somebody chose as colours
   * @param {(spec: MapSpec, load: () => unknown) => unknown} page.showAgain a map that failed, with all that goes with it
   * @param {import('./early.mjs').Early} early may have the first map
   * @throws {Error} if the browser draws nothing
   */
  constructor(filtering, firstView, { colorBy, showAgain }, early) {
    this.showAgain = showAgain;
    this.early = early;
    this.filtering = filtering;
    this.firstView = firstView;
    this.map = early.map.moveTo(byId(COMPONENT.mapHost)) ?? new PointMap(byId(COMPONENT.mapHost));
    /** @type {MapSpec | null} */
    this.spec = null;
    /** @type {string | null} id of the map that has arrived */
    this.loadedId = null;
    /** @type {Highlight | null} what should light up, once the map that it belongs to has arrived */
    this.highlighted = null;
    /** @type {Relabels | null} */
    this.relabels = null;
    /** @type {import('../map/linked_map.mjs').LinkedMap | null} the map beside this one, if two are in view */
    this.second = null;
    /** @type {Map<string, number>} rows of the neighbors, by id */
    this.rowOfId = new Map();
    /** Number of the last question for scores; the answer to an older one comes too late. */
    this.nScores = 0;
    listen(this.map, 'tool', ({ tool, combining }) => this.#markTool(tool, combining));
    this.map.addEventListener('view', () => this.#rested());
    listen(this.map, 'choose', ({ row }) => { this.highlighted = this.spec && { projection: this.spec.id, row, neighbors: [], reveal: false }; });
    this.coloring = new Coloring(this, (url) => fetch(url));
    this.coloring.subscribe(() => { within(document, '.filter-panel').dataset.coloredBy = this.coloring.state.name; });
    this.crops = new MapCrops(this.map, (row, sizePx) => `${this.spec?.rowUrl}/${row}/crop?size=${sizePx}`, loadPicture, drawFailedPicture);
    createRoot(byId(COMPONENT.colorLegend)).render(h(ColorLegend, {
      coloring: this.coloring, colorBy, choose: (/** @type {string} */ name, /** @type {number} */ category) => this.#chooseCategory(name, category),
    }));
    this.#followColorScheme();
    const head = within(document, '.map-top');
    const covering = new ResizeObserver(() => this.#keepNamesFrom(head));
    for (const part of head.children) covering.observe(part);
  }

  /** @param {Element} head tools and conditions over the map, below which no name is written */
  #keepNamesFrom(head) {
    const { left: x, top: y } = this.map.host.getBoundingClientRect();
    this.map.nameLabels.covered = [...head.children].map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      return { left: left - x, top: top - y, right: right - x, bottom: bottom - y };
    });
    this.map.drawOverlay();
  }

  /** @param {MapSpec | null | undefined} spec null for no map; until one is known, what Python says stays: the page loads */
  async show(spec) {
    const isSame = this.spec !== null && this.spec.id === spec?.id;
    this.spec = spec ?? null;
    this.loadedId = null;
    if (spec) await this.#load(spec, isSame ? this.map.camera.toText() : this.firstView, !isSame);
    else if (spec === null) this.say('');
  }

  /**
   * A map that was brought up to date keeps its view.
   * @param {MapSpec} spec
   * @param {string | null} view
   * @param {boolean} isOther whether the map before has other rows
   */
  async #load(spec, view, isOther) {
    this.say('Loading the map …');
    this.firstView = null;
    const { colors, classNames: names } = spec;
    const visible = this.filtering.classFlags(names);
    try {
      const isThere = await this.early.map.has(spec.url);
      if (this.spec !== spec) return; // another map was asked for
      const answer = () => answerOf((url) => this.early.answers.take(url) ?? fetch(url), spec.url);
      if (!isThere && !(await this.map.load(answer(), { colors, names, visible, view, isOther }))) return;
    } catch (error) {
      if (this.spec === spec) this.#offerAgain(sentence(messageOf(error)), () => this.showAgain(spec, () => this.#load(spec, view, isOther)));
      return;
    }
    if (this.spec !== spec) return; // no map is wanted any more
    this.say('');
    this.loadedId = spec.id;
    this.map.viewport.tell();
    this.filtering.mapLoaded();
    this.#relabel();
    this.#lightUp();
    void this.coloring.refresh();
    if (!spec.hasScores) void this.#loadScores(spec); // may take long; the map is there
  }

  /** @param {string} name @param {number} category that was chosen in the legend */
  #chooseCategory(name, category) {
    if (name === 'dataset') this.filtering.store.only('dataset', this.coloring.entryName(category));
    else this.map.select(this.coloring.rowsOf(category));
  }

  #rested() {
    this.#offerWayBack();
    if (this.loadedId === null) return;
    this.crops.look();
    void this.coloring.lookedFrom();
  }

  /** Paints nothing anew where classes stay as they are. @param {Uint8Array} visible one per class, 0 makes it recede */
  showClasses(visible) {
    const { visible: shown, paint } = this.map;
    const isShown = paint.classColors === this.spec?.colors && `${shown}` === `${visible}`;
    if (this.spec && !isShown) {
      this.map.setClasses(this.spec.colors, visible);
      this.coloring.recount();
    }
    this.#offerWayBack();
  }

  /** @param {Uint8Array | null} faded 1 for each row that a filter leaves out; null for none */
  fade(faded) {
    if (faded === null && !this.map.columns.faded.includes(1)) return;
    this.map.setFaded(faded ?? new Uint8Array(this.map.columns.capacity));
    this.coloring.recount();
    this.#offerWayBack();
  }

  /** Nobody is left alone in an empty place of the map, nor without a word of points that lie far from all others. */
  #offerWayBack() {
    const note = byId(COMPONENT.mapLost);
    const text = this.loadedId === null ? '' : whatIsUnseen(this.map);
    note.hidden = text === '';
    note.classList.toggle('is-aside', text !== '' && text !== LOST);
    within(note, 'span').textContent = text;
  }

  /** @param {string | null} view as in links; without one everything is shown */
  lookFrom(view) {
    if (!this.map.viewport.adopt(view)) this.map.viewport.fit({ animate: false });
  }

  /** @param {number} row */
  describe(row) {
    const { rowUrl, classNames } = /** @type {MapSpec} */ (this.spec);
    const index = this.map.columns.classIndex[row];
    return {
      cropUrl: `${rowUrl}/${row}/crop?size=${HOVER_CROP_PX}`,
      className: classNames[index],
      color: this.map.paint.classColors[index],
      score: this.map.scoreOf(row),
    };
  }

  /** @param {Relabels | null} relabels verdicts changed, and so do scores */
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
    this.coloring.recount();
  }

  /** @param {Highlight | null} highlight */
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

  /** @param {EventTarget | null} target an element of a list, whose point is shown in the map */
  emphasize(target) {
    const pointId = closest(target, '[data-point-id]')?.dataset.pointId ?? '';
    const row = closest(target, '[data-row]')?.dataset.row ?? this.rowOfId.get(pointId);
    this.map.emphasize(Number(row ?? -1));
  }

  /**
   * Scores take the api a while when nobody has asked before, so the map is painted without them first.
   * @param {MapSpec} spec
   */
  async #loadScores(spec) {
    this.nScores += 1;
    const mine = this.nScores;
    const response = await fetch(`${spec.columnsUrl}/score`).catch(() => null);
    if (!response?.ok) return; // the suspects panel says what is wrong
    const body = await response.arrayBuffer();
    if (mine !== this.nScores || this.spec !== spec || this.loadedId !== spec.id) return;
    this.map.setScores(/** @type {Uint8Array} */ (parseColumn(body, this.map.columns.capacity).values));
    this.filtering.pointsChanged();
    if (this.coloring.state.name === 'score') await this.coloring.refresh();
  }

  // ---- tools ------------------------------------------------------------------------------------------------------

  /** @param {string} tool one of those that `explorer/panels/map_view.py` lays out, but for files */
  use(tool) {
    /** @type {Record<string, () => void>} */
    const tools = {
      'zoom-in': () => this.map.viewport.zoomBy(ZOOM_STEP),
      'zoom-out': () => this.map.viewport.zoomBy(1 / ZOOM_STEP),
      fit: () => this.map.viewport.fit({ isWhole: true }),
      clear: () => this.map.clear(),
      names: () => this.#toggleNames(),
    };
    if (tools[tool]) tools[tool]();
    else if (tool === 'pan' || tool === 'lasso' || tool === 'box') this.map.setTool(tool);
    else if (tool === 'replace' || tool === 'add' || tool === 'subtract') this.map.setTool(this.map.interaction.tool, tool);
  }

  /**
   * @param {string} title
   * @param {PointMap} [map] this one, or the one beside it
   * @returns {Promise<Blob>} the map as it is on the screen, with its legend
   */
  toPng(title, map = this.map) {
    const theme = { ink: cssColor('--map-ink'), paper: cssColor('--map-paper'), dim: cssColor('--dim') };
    const coloring = this.coloring.state;
    const entries = coloring.name === 'class' ? this.#classEntries() : fittingEntries(coloring.entries);
    const subtitle = this.#countWords();
    return drawPicture(map.toPicture(theme.paper), map.renderer.pixelRatio, { title, subtitle, coloring, entries, classes: this.spec?.classNames ?? [], theme });
  }

  /** @returns {string} how many points the map has, and how many of them fit the filter */
  #countWords() {
    const { map } = this;
    const points = countText(map.nPoints, 'point');
    if (!map.isNarrowed) return points;
    let nFitting = 0;
    for (let row = 0; row < map.nPoints; row++) if (map.isVisible(row)) nFitting += 1;
    return `${nFitting.toLocaleString('en')} of ${points} match`;
  }

  /** @returns {import('./coloring/coloring.mjs').Entry[]} of points that fit the filter */
  #classEntries() {
    const { classNames, colors } = /** @type {MapSpec} */ (this.spec);
    const counts = new Uint32Array(classNames.length);
    const { classIndex, count } = this.map.columns;
    for (let row = 0; row < count; row++) if (this.map.isVisible(row)) counts[classIndex[row]] += 1;
    return classNames
      .map((name, index) => ({ name, color: colors[index], count: counts[index] }))
      .filter((entry) => entry.count > 0)
      .sort((a, b) => b.count - a.count);
  }

  /** @param {string} text shown in a corner of the map; empty for nothing */
  say(text) {
    const status = byId(COMPONENT.mapStatus);
    status.textContent = text;
    status.classList.remove('is-failed');
  }

  /** @param {string} why there is no map @param {() => void} retry */
  #offerAgain(why, retry) {
    this.say(why);
    const status = byId(COMPONENT.mapStatus);
    status.classList.add('is-failed');
    const button = status.appendChild(Object.assign(document.createElement('button'), { className: 'act', textContent: 'Retry' }));
    button.addEventListener('click', retry);
  }

  #toggleNames() {
    const button = within(document, '[data-map-tool=names]');
    const isShown = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(isShown));
    this.map.showNames(isShown);
  }

  /** @param {string} tool @param {string} combining what becomes of the selection before, which a drawing tool offers to choose */
  #markTool(tool, combining) {
    within(document, '.map-modes').hidden = tool === 'pan';
    for (const button of all(document, '[data-map-tool][aria-pressed]:not([data-map-tool=names])')) {
      button.setAttribute('aria-pressed', String([tool, combining].includes(button.dataset.mapTool ?? '')));
    }
  }

  // ---- colours ----------------------------------------------------------------------------------------------------

  #applyTheme() {
    this.map.setTheme(readTheme());
    this.map.paint.setRamp([0, 1, 2, 3].map((stop) => cssColor(`--ramp-${stop}`)), cssColor('--map-none'));
    this.coloring.restyle();
  }

  #followColorScheme() {
    this.#applyTheme();
    new MutationObserver(() => this.#applyTheme()).observe(document.documentElement, {
      attributeFilter: ['data-mantine-color-scheme'],
    });
  }
}

/** @param {import('./coloring/coloring.mjs').Entry[]} entries @returns {import('./coloring/coloring.mjs').Entry[]} those with points that fit the filter, and how many these are */
function fittingEntries(entries) {
  return entries.map((entry) => ({ ...entry, count: entry.nFitting ?? entry.count })).filter(({ count }) => count > 0);
}

/** @param {string} url @returns {Promise<HTMLImageElement>} */
export async function loadPicture(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return picture;
}
