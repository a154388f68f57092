/**
 * A second map of the points that another map shows: its own places and view, the other's colours, filter and selection.
 * What is chosen here is chosen there, and comes back from there. Knows nothing of Dash.
 */

import { typicalDensity } from './density.mjs';
import { LinkedColumns } from './linked_columns.mjs';
import { listen } from './listening.mjs';
import { PointMap } from './point_map.mjs';

const LABEL = 'Second map of the same points. Its keys are those of the first map, and what is selected here is selected there.';
const LOOKS = /** @type {const} */ (['isFading', 'dimOthers', 'dotSizePx']);

export class LinkedMap extends PointMap {
  /**
   * @param {HTMLElement} host positioned element that the map fills
   * @param {PointMap} first
   * @throws {Error} if the browser draws nothing
   */
  constructor(host, first) {
    super(host, LABEL);
    this.first = first;
    this.closing = new AbortController();
    /** @type {LinkedColumns | null} */
    this.linked = null;
    this.nSeen = -1;
    /** @type {unknown[]} what lies over the points of the first map */
    this.seen = [];
    /** @type {unknown} what the names were made of */
    this.named = null;
    /** @type {unknown} */
    this.refined = null;
    const { signal } = this.closing;
    listen(first, 'drawn', () => this.#follow(), { signal });
    listen(first, 'reveal', ({ row }) => this.#show(row), { signal });
    listen(first, 'tool', ({ tool, combining }) => super.setTool(tool, combining), { signal });
    listen(this, 'hover', ({ row }) => {
      first.hovered = row;
      first.drawOverlay();
    }, { signal });
    listen(this, 'choose', ({ row, by }) => first.choose(row, by), { signal }); // the walk along neighbors
    super.setTool(first.interaction.tool, first.interaction.combining);
  }

  /** @param {import('./linked_columns.mjs').Places} places of the first map's rows @param {string | null} view as in links */
  place(places, view) {
    this.linked = new LinkedColumns(this.first.columns, places);
    this.columns = this.linked;
    this.index = null;
    this.seen = [];
    this.renderer.setColumns(this.columns);
    this.renderer.density = typicalDensity(this.columns);
    if (!this.viewport.adopt(view)) this.viewport.fit({ animate: false });
    this.#follow();
  }

  /** @override @param {number[]} rows */
  select(rows) {
    this.first.select(rows);
  }

  /** @override @param {number} row @param {"pointer" | "keyboard" | "list"} by */
  choose(row, by) {
    this.walked = new Set();
    this.first.choose(row, by);
  }

  /** @override */
  clear() {
    this.first.clear();
  }

  /** @override @param {"pan" | "lasso" | "box"} tool @param {import('./row_sets.mjs').Mode} [combining] */
  setTool(tool, combining) {
    this.first.setTool(tool, combining);
  }

  /** @override */
  close() {
    this.closing.abort();
    super.close();
  }

  /** @param {number} row of the first map, which was shown there */
  #show(row) {
    if (this.linked && !this.linked.isMissing(row)) this.viewport.reveal(...this.columns.position(row), 24);
  }

  /** Looks as the first map does. Whatever changes there is drawn there. */
  #follow() {
    if (this.linked === null) return;
    this.#followColumns(this.linked);
    this.paint.follow(this.first.paint);
    this.#followLooks();
    this.#followNames(this.linked);
    this.#followOverlay(this.linked);
  }

  /** @param {LinkedColumns} columns */
  #followColumns(columns) {
    const { first } = this;
    if (first.paint.classColors !== this.paint.classColors || first.visible !== this.visible) {
      this.setClasses(first.paint.classColors, first.visible);
    }
    if (this.nSeen === first.renderer.nUploads) return;
    this.nSeen = first.renderer.nUploads;
    columns.followClasses();
    this.layers.changed();
    this.renderer.appended(0);
    this.renderer.redraw();
  }

  #followLooks() {
    const { renderer, first } = this;
    if (first.renderer.top !== renderer.top) renderer.setTop(first.renderer.top);
    if (LOOKS.every((name) => renderer[name] === first.renderer[name])) return;
    for (const name of LOOKS) Object.assign(renderer, { [name]: first.renderer[name] });
    renderer.redraw();
  }

  /** @param {LinkedColumns} columns */
  #followNames(columns) {
    const { named, refined, isShown } = this.first.nameLabels;
    this.nameLabels.isShown = isShown;
    if (named !== this.named) {
      this.named = named;
      this.refined = null;
      if (named) this.nameLabels.name(columns.numbered(named.numbers), named.names, named.classes);
      else this.nameLabels.forget();
    }
    if (refined !== this.refined) {
      this.refined = refined;
      if (refined) this.nameLabels.refine(columns.numbered(refined.numbers), refined.names, refined.classes);
    }
  }

  /** What is marked is marked here too, where it has a place. @param {LinkedColumns} columns */
  #followOverlay(columns) {
    const { first } = this;
    const { ink, paper, accent } = first.overlay;
    const seen = [
      first.selected, first.hovered, first.emphasized, first.neighbors, first.chosenRows, first.ping,
      first.nameLabels.isShown, this.named, this.refined, first.layers.hasContours, ink, paper, accent,
    ];
    if (seen.every((one, place) => one === this.seen[place])) return;
    this.seen = seen;
    const here = (/** @type {number} */ row) => (columns.isMissing(row) ? -1 : row);
    Object.assign(this, {
      chosenRows: first.chosenRows, selected: here(first.selected), hovered: here(first.hovered), emphasized: here(first.emphasized),
      neighbors: first.neighbors.filter((row) => !columns.isMissing(row)),
      ping: first.ping && !columns.isMissing(first.ping.row) ? first.ping : null,
    });
    this.layers.hasContours = first.layers.hasContours;
    Object.assign(this.overlay, { ink, paper, accent });
    this.drawOverlay();
  }
}
