/**
 * Draws point columns with WebGL2, progressively: rows are in random order, so each frame adds a chunk on top of the
 * last ones and every state in between is a fair sample of the map. A change of view starts again. What an interaction
 * costs therefore does not depend on the number of points.
 */

import { PointColumns } from './columns.mjs';
import { AT_ONCE_MS, FrameBudget, MOVING_MS } from './frame_budget.mjs';
import { classTexels, rampTexels, TEXTURE_WIDTH } from './palette.mjs';
import { ATTRIBUTES, createProgram, PAINT_MODES } from './shaders.mjs';

const FENCE_POLL_MS = 2;
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

/** @param {WebGL2RenderingContext} gl */
function createResources(gl) {
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  return {
    ...createProgram(gl),
    vertexArray: gl.createVertexArray(),
    buffers: ATTRIBUTES.map(() => gl.createBuffer()),
    classTexture: gl.createTexture(),
    rampTexture: gl.createTexture(),
    categoryTexture: gl.createTexture(),
    topBuffer: gl.createBuffer(),
  };
}

export class PointRenderer {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import('./camera.mjs').Camera} camera
   * @param {() => void} onRestart called when painting begins anew
   * @throws {Error} if the browser has no WebGL2
   */
  constructor(canvas, camera, onRestart) {
    this.canvas = canvas;
    this.camera = camera;
    this.onRestart = onRestart;
    // The drawing buffer has to outlive a frame, because the next chunk is drawn on top of it.
    const gl = canvas.getContext('webgl2', { antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error('The map needs WebGL2, which this browser or its settings do not offer.');
    this.gl = gl;
    /** Rows of a frame that others follow, and of the first one after something else than the view changed. */
    this.budget = new FrameBudget(MOVING_MS);
    this.budgetAtOnce = new FrameBudget(AT_ONCE_MS);
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
    /** @type {WebGLSync | null} the frame that the graphics hardware is at */
    this.fence = null;
    /** How often columns were uploaded, so that others see that they changed. */
    this.nUploads = 0;
    this.isClosed = false;
    /** Rows painted since the last restart. */
    this.drawn = 0;
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => this.#restore());
    this.resources = createResources(gl);
  }

  /** Whether everything that is known has been painted. */
  get isComplete() {
    return !this.stale && !this.isEmpty && this.drawn === this.columns.capacity;
  }

  /** @param {import('./columns.mjs').PointColumns} columns empty or filled; call `appended` when they grow */
  setColumns(columns) {
    this.columns = columns;
    this.isEmpty = false;
    this.#allocate();
    this.redraw();
  }

  /** @param {number} start first row that was appended to the columns since the last call, or changed in any of them */
  appended(start) {
    for (const name of ATTRIBUTES) this.#upload(name, start);
    this.nUploads += 1;
    this.#schedule();
  }

  /** @param {typeof ATTRIBUTES[number]} name of the column that changed; paints everything anew */
  changed(name) {
    this.#upload(name, 0);
    this.nUploads += 1;
    this.redraw();
  }

  /** @param {string[]} colors one "#rrggbb" per class @param {Uint8Array} visible one per class, 0 makes it recede */
  setClasses(colors, visible) {
    this.colors = colors;
    this.visible = visible;
    this.#uploadTexture(this.resources.classTexture, classTexels(colors, visible));
    this.redraw();
  }

  /** @param {string[]} colors one "#rrggbb" per category */
  setCategories(colors) {
    this.categories = colors;
    this.#uploadTexture(this.resources.categoryTexture, classTexels(colors, new Uint8Array(colors.length).fill(1)));
    this.redraw();
  }

  /**
   * @param {string[]} stops lower to upper end of the ramp
   * @param {string} noneColor for points without a value
   * @param {(value: number) => number} placeOf one of `RAMP_PLACES`
   */
  setRamp(stops, noneColor, placeOf) {
    this.ramp = rampTexels(stops, noneColor, placeOf);
    this.#uploadTexture(this.resources.rampTexture, this.ramp);
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
    this.#uploadTop();
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
    if (this.fence) this.gl.deleteSync(this.fence);
    Object.assign(this, { frame: 0, fence: null, stale: true, isMoving: true });
    this.#drawFrame();
  }

  /** Paints every point at once, however long it takes; for pictures, not for interaction. */
  drawAll() {
    this.#begin();
    this.#drawChunk(0, this.columns.count);
    this.#drawTop();
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

  /** Draws nothing any more. Browsers offer few contexts, so the hardware gets its memory back at once. */
  close() {
    this.isClosed = true;
    cancelAnimationFrame(this.frame);
    this.fence = null;
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #restore() {
    if (this.isClosed) return;
    this.resources = createResources(this.gl);
    this.fence = null;
    this.#uploadTexture(this.resources.classTexture, classTexels(this.colors, this.visible));
    if (this.ramp) this.#uploadTexture(this.resources.rampTexture, this.ramp);
    this.setCategories(this.categories);
    this.#allocate();
    this.#uploadTop();
    this.appended(0);
    this.redraw();
  }

  #allocate() {
    const { gl, columns, resources } = this;
    gl.bindVertexArray(resources.vertexArray);
    ATTRIBUTES.forEach((name, location) => {
      const column = columns[name];
      const type = column.BYTES_PER_ELEMENT === 2 ? gl.UNSIGNED_SHORT : gl.UNSIGNED_BYTE;
      gl.bindBuffer(gl.ARRAY_BUFFER, resources.buffers[location]);
      gl.bufferData(gl.ARRAY_BUFFER, column.byteLength, gl.DYNAMIC_DRAW);
      gl.enableVertexAttribArray(location);
      if (name === 'x' || name === 'y') gl.vertexAttribPointer(location, 1, type, true, 0, 0);
      else gl.vertexAttribIPointer(location, 1, type, 0, 0);
    });
  }

  /** @param {typeof ATTRIBUTES[number]} name @param {number} start first row */
  #upload(name, start) {
    const { gl, columns } = this;
    const column = columns[name];
    gl.bindBuffer(gl.ARRAY_BUFFER, this.resources.buffers[ATTRIBUTES.indexOf(name)]);
    gl.bufferSubData(gl.ARRAY_BUFFER, start * column.BYTES_PER_ELEMENT, column, start, columns.count - start);
  }

  #uploadTop() {
    const { gl, resources } = this;
    gl.bindVertexArray(resources.vertexArray);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, resources.topBuffer);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.top, gl.DYNAMIC_DRAW);
  }

  /** @param {WebGLTexture} texture @param {Uint8Array} texels */
  #uploadTexture(texture, texels) {
    const { gl } = this;
    const height = texels.length / 4 / TEXTURE_WIDTH;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, TEXTURE_WIDTH, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }

  #schedule() {
    if (this.frame || this.fence || this.isClosed) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.#drawFrame();
    });
  }

  #drawFrame() {
    if (this.gl.isContextLost()) return; // the restored event draws again
    const budget = this.stale && !this.isMoving ? this.budgetAtOnce : this.budget;
    if (this.stale) this.#begin();
    const nRows = Math.min(budget.rows, this.columns.count - this.drawn);
    if (nRows <= 0) return;
    this.#drawChunk(this.drawn, nRows);
    this.#drawTop();
    this.#measure(nRows, budget);
  }

  #begin() {
    const { gl, canvas } = this;
    this.stale = false;
    this.drawn = 0;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.onRestart();
  }

  /** @param {number} start @param {number} nRows */
  #drawChunk(start, nRows) {
    const { gl } = this;
    this.#use(false);
    gl.drawArrays(gl.POINTS, start, nRows);
    this.drawn = start + nRows;
  }

  /** The chunk may have hidden what lies on top; drawn opaque, it may be drawn any number of times. */
  #drawTop() {
    if (this.top.length === 0) return;
    const { gl } = this;
    this.#use(true);
    gl.drawElements(gl.POINTS, this.top.length, gl.UNSIGNED_INT, 0);
  }

  /** @param {boolean} isOnTop */
  #use(isOnTop) {
    const { gl } = this;
    const { program, uniforms, vertexArray, classTexture, rampTexture, categoryTexture } = this.resources;
    gl.useProgram(program);
    gl.bindVertexArray(vertexArray);
    gl.uniform4f(uniforms.clip, ...this.camera.clipTransform());
    gl.uniform1f(uniforms.sizePx, this.dotSizePx * this.pixelRatio);
    gl.uniform1f(uniforms.alpha, isOnTop ? 1 : this.#alpha());
    gl.uniform1i(uniforms.mode, PAINT_MODES.indexOf(this.mode));
    gl.uniform1i(uniforms.isOnTop, isOnTop ? 1 : 0);
    gl.uniform1ui(uniforms.nCategories, this.categories.length);
    gl.uniform1i(uniforms.dimOthers, this.dimOthers ? 1 : 0);
    [classTexture, rampTexture, categoryTexture].forEach((texture, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    gl.uniform1i(uniforms.classColors, 0);
    gl.uniform1i(uniforms.rampColors, 1);
    gl.uniform1i(uniforms.categoryColors, 2);
  }

  /** Opaque while dots are apart; fainter the more of them share a pixel, so that a dense cloud keeps its structure. */
  #alpha() {
    if (!this.isFading) return OPAQUE;
    const density = Math.max(this.density, this.columns.capacity);
    const dotsPerPixel = (density * this.dotSizePx ** 2) / this.camera.scale ** 2;
    return Math.min(OPAQUE, Math.max(0.06, 1.2 / Math.sqrt(Math.max(dotsPerPixel, 0.01))));
  }

  /** @param {number} nRows @param {FrameBudget} budget of the frame */
  #measure(nRows, budget) {
    const { gl } = this;
    const startedMs = performance.now();
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!fence) return; // the context was lost; the restored event draws again
    this.fence = fence;
    gl.flush();
    const poll = () => {
      if (this.fence !== fence) return; // the context was lost and made anew meanwhile
      if (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) {
        setTimeout(poll, FENCE_POLL_MS);
        return;
      }
      gl.deleteSync(fence);
      this.fence = null;
      budget.adapt(nRows, performance.now() - startedMs);
      if (!this.isComplete) this.#schedule();
    };
    poll();
  }
}
