/**
 * Draws point columns with WebGL2, progressively: rows are in random order, so each frame adds a chunk on top of the
 * last ones and every state in between is a fair sample of the map. A change of view starts again. What an interaction
 * costs therefore does not depend on the number of points.
 */

import { PointColumns } from './columns.mjs';
import { FrameBudget } from './frame_budget.mjs';
import { classTexels, RAMP_PLACES, rampTexels, TEXTURE_WIDTH } from './palette.mjs';
import { ATTRIBUTES, COLOR_BY, createProgram } from './shaders.mjs';

const FENCE_POLL_MS = 2;

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
    this.budget = new FrameBudget();
    this.columns = new PointColumns(0);
    /** Whether nobody has given columns yet: an empty map is complete, a missing one is not. */
    this.isEmpty = true;
    /** @type {string[]} */
    this.colors = [];
    /** @type {Uint8Array} one per class, 0 makes it recede */
    this.visible = new Uint8Array(0);
    /** @type {{stops: string[], noneColor: string} | null} */
    this.ramp = null;
    /** @type {import('./shaders.mjs').ColorBy} */
    this.colorBy = 'class';
    this.dimOthers = false;
    this.dotSizePx = 4;
    this.pixelRatio = 1;
    /** Whether the next frame begins anew. */
    this.stale = false;
    /** Number of the requested frame, 0 for none. */
    this.frame = 0;
    /** @type {WebGLSync | null} the frame that the graphics hardware is at */
    this.fence = null;
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

  /** @param {number} start first row that changed, or was appended to the columns, since the last call */
  appended(start) {
    const { gl, columns } = this;
    ATTRIBUTES.forEach((name, location) => {
      const column = columns[name];
      gl.bindBuffer(gl.ARRAY_BUFFER, this.resources.buffers[location]);
      gl.bufferSubData(gl.ARRAY_BUFFER, start * column.BYTES_PER_ELEMENT, column, start, columns.count - start);
    });
    this.#schedule();
  }

  /** @param {string[]} colors one "#rrggbb" per class @param {Uint8Array} visible one per class, 0 makes it recede */
  setClasses(colors, visible) {
    this.colors = colors;
    this.visible = visible;
    this.#uploadTexture(this.resources.classTexture, classTexels(colors, visible));
    this.redraw();
  }

  /** @param {string[]} stops lower to upper end of the ramp @param {string} noneColor for points without a value */
  setRamp(stops, noneColor) {
    this.ramp = { stops, noneColor };
    this.#uploadRamp();
    this.redraw();
  }

  /** @param {import('./shaders.mjs').ColorBy} colorBy */
  setColorBy(colorBy) {
    this.colorBy = colorBy;
    this.#uploadRamp();
    this.redraw();
  }

  /** Paints everything anew, starting with the next frame. */
  redraw() {
    this.stale = true;
    this.#schedule();
  }

  /** Paints every point at once, however long it takes; for pictures, not for interaction. */
  drawAll() {
    this.#begin();
    this.#drawChunk(0, this.columns.count);
  }

  /**
   * @param {string} background CSS colour behind the points
   * @param {HTMLCanvasElement} overlay drawn over the points
   * @returns {Promise<Blob>} everything as it is on the screen, as PNG
   * @throws {Error} if the browser cannot make a picture of that size
   */
  toPng(background, overlay) {
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
    return new Promise((resolve, reject) => {
      picture.toBlob((blob) => {
        if (blob) resolve(blob);
        else reject(new Error('The picture could not be made; a smaller window may help.'));
      }, 'image/png');
    });
  }

  #restore() {
    this.resources = createResources(this.gl);
    this.fence = null;
    this.#uploadTexture(this.resources.classTexture, classTexels(this.colors, this.visible));
    this.#uploadRamp();
    this.#allocate();
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

  /** Each column has its own way along the ramp. */
  #uploadRamp() {
    if (!this.ramp || this.colorBy === 'class') return;
    const { stops, noneColor } = this.ramp;
    this.#uploadTexture(this.resources.rampTexture, rampTexels(stops, noneColor, RAMP_PLACES[this.colorBy]));
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
    if (this.frame || this.fence) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.#drawFrame();
    });
  }

  #drawFrame() {
    if (this.gl.isContextLost()) return; // the restored event draws again
    if (this.stale) this.#begin();
    const nRows = Math.min(this.budget.rows, this.columns.count - this.drawn);
    if (nRows <= 0) return;
    this.#drawChunk(this.drawn, nRows);
    this.#measure(nRows);
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
    const { program, uniforms, vertexArray, classTexture, rampTexture } = this.resources;
    const sizePx = this.dotSizePx * this.pixelRatio;
    gl.useProgram(program);
    gl.bindVertexArray(vertexArray);
    gl.uniform4f(uniforms.clip, ...this.camera.clipTransform());
    gl.uniform1f(uniforms.sizePx, sizePx);
    gl.uniform1f(uniforms.alpha, this.#alpha());
    gl.uniform1i(uniforms.colorBy, COLOR_BY.indexOf(this.colorBy));
    gl.uniform1i(uniforms.dimOthers, this.dimOthers ? 1 : 0);
    [classTexture, rampTexture].forEach((texture, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    gl.uniform1i(uniforms.classColors, 0);
    gl.uniform1i(uniforms.rampColors, 1);
    gl.drawArrays(gl.POINTS, start, nRows);
    this.drawn = start + nRows;
  }

  /** Opaque while dots are apart; fainter the more of them share a pixel, so that a dense cloud keeps its structure. */
  #alpha() {
    const dotsPerPixel = (this.columns.capacity * this.dotSizePx ** 2) / this.camera.scale ** 2;
    return Math.min(0.92, Math.max(0.12, 1.2 / Math.sqrt(Math.max(dotsPerPixel, 0.01))));
  }

  /** @param {number} nRows */
  #measure(nRows) {
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
      this.budget.adapt(nRows, performance.now() - startedMs);
      if (!this.isComplete) this.#schedule();
    };
    poll();
  }
}
