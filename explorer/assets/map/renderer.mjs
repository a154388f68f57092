/**
 * Draws point columns progressively: rows are in random order, so each frame adds a chunk on top of the last ones and
 * every state in between is a fair sample of the map. A change of view starts again. What an interaction costs therefore
 * does not depend on the number of points.
 */

import { PointColumns } from './columns.mjs';
import { openDots } from './dots.mjs';
import { FrameBudget } from './frame_budget.mjs';
import { classTexels, rampTexels } from './palette.mjs';
import { ATTRIBUTES } from './shaders.mjs';

const OPAQUE = 0.92;

/**
 * @param {HTMLElement} host
 * @param {string} className
 * @returns {HTMLCanvasElement} fills the host
 */
export function addCanvas(host, className) {
  const canvas = document.createElement('canvas');
  canvas.className = className;
  host.append(canvas);
  return canvas;
}

export class PointRenderer {
  /**
   * @param {HTMLElement} host gets a canvas
   * @param {import('./camera.mjs').Camera} camera
   * @param {() => void} onRestart called when painting begins anew
   * @throws {Error} if the browser draws nothing
   */
  constructor(host, camera, onRestart) {
    this.camera = camera;
    this.onRestart = onRestart;
    this.dots = openDots(() => addCanvas(host, 'point-map-canvas'), () => this.#restore());
    this.canvas = this.dots.canvas;
    /** Rows of a frame that others follow, and of the first one after something else than the view changed. */
    this.budget = new FrameBudget(this.dots.frameMs.moving);
    this.budgetAtOnce = new FrameBudget(this.dots.frameMs.atOnce);
    this.columns = new PointColumns(0);
    /** Whether nobody has given columns yet: an empty map is complete, a missing one is not. */
    this.isEmpty = true;
    /** @type {string[]} */
    this.colors = [];
    /** @type {Uint8Array} one per class, 0 makes it recede */
    this.visible = new Uint8Array(0);
    /** @type {string[]} one per category */
    this.categories = [];
    /** @type {Uint8Array | null} texels of the ramp */
    this.ramp = null;
    /** @type {import('./shaders.mjs').PaintMode} */
    this.mode = 'class';
    /** Rows that are drawn once more, over all others. */
    /** @type {Uint32Array<ArrayBuffer>} */
    this.top = new Uint32Array(0);
    /** Points per unit of the square's area where a typical point lies. */
    this.density = 0;
    /** Whether dots are fainter where many of them share a pixel. */
    this.isFading = true;
    this.dimOthers = false;
    this.dotSizePx = 4;
    this.pixelRatio = 1;
    /** Whether the next frame begins anew. */
    this.stale = false;
    /** Whether it does so because the view moved: more such frames will follow. */
    this.isMoving = false;
    /** Number of the requested frame, 0 for none. */
    this.frame = 0;
    /** Whether a frame was drawn that cannot be seen yet. */
    this.isBusy = false;
    /** How often columns were uploaded, so that others see that they changed. */
    this.nUploads = 0;
    this.isClosed = false;
    /** Rows painted since the last restart. */
    this.drawn = 0;
  }

  /** Whether everything that is known has been painted. */
  get isComplete() {
    return !this.stale && !this.isEmpty && this.drawn === this.columns.capacity;
  }

  /** @param {import('./columns.mjs').PointColumns} columns empty or filled; call `appended` when they grow */
  setColumns(columns) {
    this.columns = columns;
    this.isEmpty = false;
    this.dots.allocate(columns);
    this.redraw();
  }

  /** @param {number} start first row that was appended to the columns since the last call, or changed in any of them */
  appended(start) {
    for (const name of ATTRIBUTES) this.dots.upload(this.columns, name, start);
    this.nUploads += 1;
    this.#schedule();
  }

  /** @param {import('./shaders.mjs').Attribute} name of the column that changed; paints everything anew */
  changed(name) {
    this.dots.upload(this.columns, name, 0);
    this.nUploads += 1;
    this.redraw();
  }

  /** @param {string[]} colors one "#rrggbb" per class @param {Uint8Array} visible one per class, 0 makes it recede */
  setClasses(colors, visible) {
    this.colors = colors;
    this.visible = visible;
    this.dots.setTexels('class', classTexels(colors, visible));
    this.redraw();
  }

  /** @param {string[]} colors one "#rrggbb" per category */
  setCategories(colors) {
    this.categories = colors;
    this.dots.setTexels('category', classTexels(colors, new Uint8Array(colors.length).fill(1)));
    this.redraw();
  }

  /**
   * @param {string[]} stops lower to upper end of the ramp
   * @param {string} noneColor for points without a value
   * @param {(value: number) => number} placeOf one of `RAMP_PLACES`
   */
  setRamp(stops, noneColor, placeOf) {
    this.ramp = rampTexels(stops, noneColor, placeOf);
    this.dots.setTexels('ramp', this.ramp);
    this.redraw();
  }

  /** @param {import('./shaders.mjs').PaintMode} mode what dots are coloured by */
  setMode(mode) {
    this.mode = mode;
    this.redraw();
  }

  /** @param {Uint32Array<ArrayBuffer>} rows drawn over all others; few */
  setTop(rows) {
    this.top = rows;
    this.dots.setTop(rows);
    this.redraw();
  }

  /** @param {boolean} isFading whether dots are fainter where many of them share a pixel */
  fade(isFading) {
    this.isFading = isFading;
    this.redraw();
  }

  /** Paints everything anew, starting with the next frame, which shows as much as seems to come at once. */
  redraw() {
    [this.stale, this.isMoving] = [true, false];
    this.#schedule();
  }

  /** The same for a view that moves: each frame is so short that the movement does not stutter. */
  follow() {
    if (!this.stale) this.isMoving = true;
    this.stale = true;
    this.#schedule();
  }

  /** The same, in this very frame: a canvas of another size is empty until it is painted. */
  drawNow() {
    cancelAnimationFrame(this.frame);
    this.dots.forget();
    Object.assign(this, { frame: 0, isBusy: false, stale: true, isMoving: true });
    this.#drawFrame();
  }

  /** Paints every point at once, however long it takes; for pictures, not for interaction. */
  drawAll() {
    this.#begin();
    this.#drawChunk(this.columns.count);
    this.dots.show();
  }

  /**
   * @param {string} background CSS colour behind the points
   * @param {HTMLCanvasElement} overlay drawn over the points
   * @returns {HTMLCanvasElement} everything as it is on the screen
   */
  toPicture(background, overlay) {
    this.drawAll();
    const picture = document.createElement('canvas');
    picture.width = this.canvas.width;
    picture.height = this.canvas.height;
    const context = picture.getContext('2d');
    if (context) {
      context.fillStyle = background;
      context.fillRect(0, 0, picture.width, picture.height);
      context.drawImage(this.canvas, 0, 0);
      context.drawImage(overlay, 0, 0);
    }
    return picture;
  }

  /** Draws nothing any more. */
  close() {
    this.isClosed = true;
    cancelAnimationFrame(this.frame);
    this.dots.close();
  }

  /** Tells all of it again. */
  #restore() {
    const { dots, columns } = this;
    this.isBusy = false;
    dots.setTexels('class', classTexels(this.colors, this.visible));
    if (this.ramp) dots.setTexels('ramp', this.ramp);
    this.setCategories(this.categories);
    dots.allocate(columns);
    dots.setTop(this.top);
    this.appended(0);
    this.redraw();
  }

  #schedule() {
    if (this.frame || this.isBusy || this.isClosed) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.#drawFrame();
    });
  }

  #drawFrame() {
    if (this.dots.isLost) return; // it is drawn when it was restored
    const budget = this.stale && !this.isMoving ? this.budgetAtOnce : this.budget;
    if (this.stale) this.#begin();
    const nRows = Math.min(budget.rows, this.columns.count - this.drawn);
    if (nRows <= 0) return;
    this.#drawChunk(nRows);
    this.isBusy = true;
    this.dots.finish((ms) => {
      this.isBusy = false;
      budget.adapt(nRows, ms);
      if (!this.isComplete) this.#schedule();
    });
  }

  #begin() {
    this.stale = false;
    this.drawn = 0;
    this.dots.clear(this.#looks());
    this.onRestart();
  }

  /** The chunk may hide what lies on top; drawn opaque, that may be drawn any number of times. @param {number} nRows */
  #drawChunk(nRows) {
    const looks = this.#looks();
    this.dots.draw(this.drawn, nRows, looks);
    this.drawn += nRows;
    if (this.top.length > 0) this.dots.drawTop(looks);
  }

  /** @returns {import('./dots.mjs').Looks} */
  #looks() {
    return {
      clip: this.camera.clipTransform(), sizePx: this.dotSizePx * this.pixelRatio, alpha: this.#alpha(),
      mode: this.mode, nCategories: this.categories.length, dimOthers: this.dimOthers,
    };
  }

  /** Opaque while dots are apart; fainter the more of them share a pixel, so that a dense cloud keeps its structure. */
  #alpha() {
    if (!this.isFading) return OPAQUE;
    const density = Math.max(this.density, this.columns.capacity);
    const dotsPerPixel = (density * this.dotSizePx ** 2) / this.camera.scale ** 2;
    return Math.min(OPAQUE, Math.max(0.06, 1.2 / Math.sqrt(Math.max(dotsPerPixel, 0.01))));
  }
}
