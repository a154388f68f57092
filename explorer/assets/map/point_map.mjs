/**
 * The map of one projection: points, what lies over them, and what people do with it. Knows nothing of Dash.
 *
 * Events (CustomEvent, `detail` in brackets):
 *   hover  {row, px, py}   the point under the pointer changed; row is -1 over none
 *   choose {row, by}       a point was chosen by "pointer", "keyboard" or "list"; row is -1 for none
 *   select {rows}          rows were enclosed by a lasso or box; none: the selection was taken away
 *   tool   {tool, combining}  what a drag does changed to "pan", "lasso" or "box"; what becomes of the selection before
 *   view   {text}          the view rests; text as in links
 *   reveal {row}           a point is shown, wherever it is
 *   drawn  {}              something that is seen may have changed
 */

import { streamMap } from './block_stream.mjs';
import { DELETED_CLASS, NO_SCORE, PointColumns } from './columns.mjs';
import { typicalDensity } from './density.mjs';
import { animate } from './flight.mjs';
import { GridIndex } from './grid_index.mjs';
import { Interaction } from './interaction.mjs';
import { Layers, rowsInView } from './layers.mjs';
import { NameLabels } from './name_labels.mjs';
import { Overlay } from './overlay.mjs';
import { Paint } from './paint.mjs';
import { rowsInside } from './polygon.mjs';
import { addCanvas, PointRenderer } from './renderer.mjs';
import { combineRows } from './row_sets.mjs';
import { sceneOf } from './scene.mjs';
import { Viewport } from './viewport.mjs';

const [PICK_RADIUS_PX, FINGER_PICK_RADIUS_PX] = [9, 22];
/** Enter selects the nearest point this far around the middle of the map. */
const KEYBOARD_PICK_RADIUS_PX = 80;
const REVEAL_MARGIN_PX = 24;
const PING_MS = 700;

const LABEL = 'Map of the collection. Arrow keys pan, plus and minus zoom, 0 shows everything, Enter selects the point '
  + 'in the middle, n goes to its next neighbor, l and b draw a lasso or box, p pans again, Escape clears the selection.';

/** @typedef {import('./row_sets.mjs').Mode} Mode */
/** @typedef {{colors: string[], names: string[], visible: Uint8Array, view?: string | null, isOther?: boolean}} LoadOptions */

export class PointMap extends EventTarget {
  /**
   * @param {HTMLElement} host positioned element that the map fills
   * @param {string} label for screen readers
   * @throws {Error} if the browser draws nothing
   */
  constructor(host, label = LABEL) {
    super();
    this.host = host;
    this.viewport = new Viewport(host, () => this.columns, {
      resized: (ratio) => this.#resize(ratio), fitted: () => this.renderer.drawNow(),
      changed: () => this.renderer.follow(),
      settled: () => this.#emit('view', { text: this.camera.toText() }),
    });
    this.camera = this.viewport.camera;
    this.renderer = new PointRenderer(host, this.camera, () => this.drawOverlay());
    this.canvas = this.renderer.canvas;
    Object.assign(this.canvas, { tabIndex: 0, role: 'application', ariaLabel: label });
    this.overlayCanvas = addCanvas(host, 'point-map-overlay');
    this.overlay = new Overlay(this.overlayCanvas, this.camera);
    this.columns = new PointColumns(0);
    this.paint = new Paint(this.renderer, () => this.columns);
    this.layers = new Layers(() => this.columns, (row) => this.isVisible(row), () => this.drawOverlay());
    /** @type {GridIndex | null} of the rows that had arrived when it was built */
    this.index = null;
    /** @type {AbortController | null} */
    this.loading = null;
    /** @type {Uint8Array} one per class, 0 makes it recede */
    this.visible = new Uint8Array(0);
    this.nameLabels = new NameLabels();
    this.selected = this.hovered = this.emphasized = -1;
    /** @type {number[]} */
    this.neighbors = [];
    /** @type {number[]} */
    this.chosenRows = [];
    /** @type {{row: number, progress: number} | null} */
    this.ping = null;
    /** @type {Set<number>} where the walk along neighbors has been */
    this.walked = new Set();
    this.interaction = this.#listen();
    this.viewport.start();
  }

  /** Number of points that have arrived. */
  get nPoints() { return this.columns.count; }

  // ---- data -------------------------------------------------------------------------------------------------------

  /**
   * Loads a map and shows it while it arrives. Loading another one cancels the first.
   * @param {string | Promise<Response>} url of the binary map, or an answer with it
   * @param {LoadOptions} options a colour and a name per class, 0 for those that recede; a view from a link; whether rows are those of other points
   * @returns {Promise<boolean>} false if another load took over
   * @throws {Error} if the map cannot be loaded, or has classes without a colour
   */
  async load(url, { colors, names, visible, view = null, isOther = false }) {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.interaction.isWaiting = isOther;
    this.#forgetRows();
    try {
      await streamMap(url, {
        signal: loading.signal,
        onHeader: (header) => this.#begin(header, { colors, visible, view }),
        onBlock: (block) => this.#append(block),
      });
    } catch (error) {
      if (loading.signal.aborted) return false;
      throw error;
    }
    if (!this.viewport.isChosen) this.viewport.fit({ animate: false });
    this.nameLabels.name(this.columns, names);
    this.layers.changed();
    this.paint.lift();
    this.drawOverlay();
    return true;
  }

  /**
   * @param {import('./block_stream.mjs').MapHeader} header
   * @param {Pick<Required<LoadOptions>, 'colors' | 'visible' | 'view'>} options
   */
  #begin(header, { colors, visible, view }) {
    if (header.nClasses > colors.length) {
      throw new Error(`the map has ${header.nClasses} classes but only ${colors.length} are known; reload the page`);
    }
    this.columns = new PointColumns(header.nPoints);
    this.interaction.isWaiting = false;
    this.index = null;
    this.viewport.isWhole = false;
    this.paint.byClass();
    this.select([]);
    this.renderer.setColumns(this.columns);
    this.setClasses(colors, visible);
    if (!this.viewport.adopt(view)) this.viewport.fit({ animate: false });
  }

  /** @param {import('./block_stream.mjs').Block} block */
  #append(block) {
    const start = this.columns.append(block);
    this.renderer.appended(start);
    if (start > 0) return;
    // Rows come in random order, so the first ones speak for all.
    this.renderer.density = (typicalDensity(this.columns) * this.columns.capacity) / this.columns.count;
    if (!this.viewport.isChosen) this.viewport.fit({ animate: false });
  }

  /** @param {Uint8Array} values suspect scores, one byte per row of the loaded map */
  setScores(values) {
    this.columns.score.set(values);
    this.paint.lift();
  }

  /** @param {Uint8Array} values 1 for each row of the loaded map that recedes */
  setFaded(values) {
    this.columns.faded.set(values);
    this.layers.changed();
    this.renderer.changed('faded');
  }

  #forgetRows() {
    this.selected = this.hovered = this.emphasized = -1;
    this.neighbors = [];
    this.ping = null;
    this.walked = new Set();
    this.nameLabels.forget();
    this.layers.forget();
    this.renderer.setTop(new Uint32Array(0));
  }

  /**
   * Shows rows with the classes that people gave them, and all others as the map has them.
   * @param {number[]} rows
   * @param {number[]} classes equally many class numbers
   */
  relabel(rows, classes) {
    this.columns.relabel(rows, classes);
    this.renderer.changed('classIndex');
  }

  /** Ends it, and gives back what the graphics hardware holds. */
  close() {
    this.loading?.abort();
    this.stopPing?.();
    this.viewport.stop();
    this.renderer.close();
    this.canvas.remove();
    this.overlayCanvas.remove();
  }

  // ---- looks ------------------------------------------------------------------------------------------------------

  /** @param {string[]} colors one "#rrggbb" per class @param {Uint8Array} visible one per class, 0 makes it recede */
  setClasses(colors, visible) {
    this.visible = visible;
    this.layers.changed();
    this.paint.setClasses(colors, visible);
  }

  /** @param {number} sizePx diameter of a dot in CSS pixels */
  setDotSize(sizePx) {
    this.renderer.dotSizePx = sizePx;
    this.renderer.redraw();
  }

  /** @param {{ink: string, paper: string, accent: string}} colors of the overlay */
  setTheme(colors) {
    Object.assign(this.overlay, colors);
    this.drawOverlay();
  }

  /** @param {boolean} isShown whether classes have their names on the map */
  showNames(isShown) { Object.assign(this.nameLabels, { isShown }); this.drawOverlay(); }

  /** Paints what lies over the points; cheap. */
  drawOverlay() {
    this.overlay.draw(sceneOf(this));
    this.#emit('drawn', {});
  }

  /** @param {number} row @returns {number | null} suspect score, 0 to 1, null without one */
  scoreOf(row) {
    const byte = this.columns.score[row];
    return byte === NO_SCORE ? null : byte / (NO_SCORE - 1);
  }

  // ---- selection --------------------------------------------------------------------------------------------------

  /**
   * Marks a point and its neighbors.
   * @param {number} row selected point, or -1
   * @param {number[]} neighbors rows, nearest first
   */
  highlight(row, neighbors) {
    this.selected = row;
    this.neighbors = neighbors;
    this.emphasized = -1;
    this.drawOverlay();
  }

  /** @param {number} row a marked neighbor to point at, or -1 */
  emphasize(row) { this.emphasized = row; this.drawOverlay(); }

  /**
   * Shows where a point is: flies there if it is out of view, and draws a ring that closes in on it.
   * @param {number} row
   */
  reveal(row) {
    const [x, y] = this.columns.position(row);
    this.viewport.reveal(x, y, REVEAL_MARGIN_PX);
    this.#emit('reveal', { row });
    this.stopPing?.();
    this.stopPing = animate(PING_MS, (progress) => {
      this.ping = progress < 1 ? { row, progress } : null;
      this.drawOverlay();
    });
  }

  /** Lets go of the selected point and of what was drawn around points. */
  clear() {
    this.select([]);
    this.choose(-1, 'pointer');
  }

  /**
   * Makes every other row recede.
   * @param {number[]} rows none ends the selection
   */
  select(rows) {
    if (rows.length === 0 && !this.renderer.dimOthers) return;
    this.chosenRows = rows;
    this.columns.chosen.fill(0);
    for (const row of rows) this.columns.chosen[row] = 1;
    this.renderer.dimOthers = rows.length > 0;
    this.renderer.changed('chosen');
    this.#emit('select', { rows });
  }

  /** @param {"pan" | "lasso" | "box"} tool what a drag does @param {Mode} combining with the selection before */
  setTool(tool, combining = tool === 'pan' ? 'replace' : this.interaction.combining) {
    Object.assign(this.interaction, { tool, combining });
    this.canvas.dataset.tool = tool;
    this.#emit('tool', { tool, combining });
  }

  /** @param {[number, number][]} outline @param {Mode} mode */
  #selectInside(outline, mode) {
    const polygon = outline.map(([px, py]) => this.camera.toWorld(px, py));
    this.drawOverlay();
    this.select(combineRows(this.chosenRows, rowsInside(this.#upToDateIndex(), polygon, (row) => this.isVisible(row)), mode));
  }

  /** @param {number} row -1 for none @param {Mode} mode a point joins the selection, or is chosen */
  #click(row, mode) {
    if (mode === 'replace') this.choose(row, 'pointer');
    else if (row >= 0) this.select(combineRows(this.chosenRows, [row], mode));
  }

  /** The index of all rows that have arrived; built when first asked for. */
  #upToDateIndex() {
    if (!this.index || this.index.count !== this.nPoints) this.index = new GridIndex(this.columns);
    return this.index;
  }

  /** @param {number} px @param {number} py @returns {number} nearest visible point within `radiusPx` of a screen position, or -1 */
  pick(px, py, radiusPx = PICK_RADIUS_PX) {
    const [x, y] = this.camera.toWorld(px, py);
    return this.#upToDateIndex().nearest(x, y, radiusPx / this.camera.scale, (row) => this.isVisible(row));
  }

  /** @param {number} row @returns {boolean} whether the row can be chosen: not deleted, not left out by a filter */
  isVisible(row) {
    const index = this.columns.classIndex[row];
    return index !== DELETED_CLASS && this.visible[index] !== 0 && this.columns.faded[row] === 0;
  }

  /** Whether a filter leaves rows out. */
  get isNarrowed() { return this.visible.includes(0) || this.columns.faded.includes(1); }

  /**
   * Selects a point, as a click on its dot does.
   * @param {number} row -1 for none
   * @param {"pointer" | "keyboard" | "list"} by where it was chosen; from a list it is revealed
   */
  choose(row, by) {
    this.walked = new Set();
    this.highlight(row, []);
    if (by === 'list' && row >= 0) this.reveal(row);
    this.#emit('choose', { row, by });
  }

  #chooseMiddle() {
    this.choose(this.pick(this.camera.width / 2, this.camera.height / 2, KEYBOARD_PICK_RADIUS_PX), 'keyboard');
  }

  /** Walks along nearest neighbors without turning back to where it came from. */
  #nextNeighbor() {
    this.walked.add(this.selected);
    const next = this.neighbors.find((row) => !this.walked.has(row) && this.isVisible(row));
    if (next === undefined) return;
    this.highlight(next, []);
    this.reveal(next);
    this.#emit('choose', { row: next, by: 'keyboard' });
  }

  /** @param {string} background CSS colour @returns {HTMLCanvasElement} the map as it is on the screen */
  toPicture(background) {
    return this.renderer.toPicture(background, this.overlayCanvas);
  }

  /** @param {number} most @returns {number[] | null} visible rows on the screen; null if there are more */
  rowsInView(most) {
    return rowsInView(this.#upToDateIndex(), this.camera, (row) => this.isVisible(row), most);
  }

  /** @param {number} ratio */
  #resize(ratio) {
    this.renderer.pixelRatio = ratio;
    for (const canvas of [this.canvas, this.overlayCanvas]) {
      canvas.width = Math.max(1, Math.round(this.camera.width * ratio));
      canvas.height = Math.max(1, Math.round(this.camera.height * ratio));
    }
  }

  // ---- events -----------------------------------------------------------------------------------------------------

  /** @param {string} name @param {object} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #listen() {
    for (const name of ['focus', 'blur']) this.canvas.addEventListener(name, () => this.drawOverlay());
    return new Interaction(this.canvas, this.camera, {
      moved: () => this.viewport.moved(),
      hovered: (px, py) => this.#hover(this.pick(px, py), px, py),
      left: () => this.#hover(-1, 0, 0),
      clicked: (px, py, mode, isFinger) => this.#click(this.pick(px, py, isFinger ? FINGER_PICK_RADIUS_PX : PICK_RADIUS_PX), mode),
      outlining: () => this.drawOverlay(),
      outlined: (outline, mode) => this.#selectInside(outline, mode),
      tool: (tool) => this.setTool(tool),
      fit: () => this.viewport.fit({ isWhole: true }),
      chooseMiddle: () => this.#chooseMiddle(),
      nextNeighbor: () => this.#nextNeighbor(),
      clear: () => this.clear(),
    });
  }

  /** @param {number} row @param {number} px @param {number} py */
  #hover(row, px, py) {
    if (row === this.hovered) return;
    this.hovered = row;
    this.canvas.style.cursor = row >= 0 ? 'pointer' : '';
    this.drawOverlay();
    this.#emit('hover', { row, px, py });
  }
}
