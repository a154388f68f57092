/** Dots that graphics hardware draws, by WebGL2: the columns are copied into its memory once, and drawn from there. */

import { TEXTURE_WIDTH } from './palette.mjs';
import { ATTRIBUTES, createProgram, PAINT_MODES } from './shaders.mjs';

/** @typedef {import('./shaders.mjs').Attribute} Attribute */
/** @typedef {import('./dots.mjs').Looks} Looks */
/** @typedef {import('./dots.mjs').TexelKind} TexelKind */

const FENCE_POLL_MS = 2;
/** The hardware works beside the page, so a frame may take nearly as long as it is shown. */
const FRAME_MS = {
  moving: { quick: 14, target: 30, slow: 45, leastRows: 25_000 },
  atOnce: { quick: 60, target: 70, slow: 100, leastRows: 25_000 },
};

/** @param {WebGL2RenderingContext} gl */
function createResources(gl) {
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  return {
    ...createProgram(gl),
    vertexArray: gl.createVertexArray(),
    buffers: ATTRIBUTES.map(() => gl.createBuffer()),
    textures: { class: gl.createTexture(), ramp: gl.createTexture(), category: gl.createTexture() },
    topBuffer: gl.createBuffer(),
  };
}

export class GlDots {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {WebGL2RenderingContext} gl of the canvas
   * @param {() => void} onRestored called when the context was lost and is there again, empty: all has to be told anew
   */
  constructor(canvas, gl, onRestored) {
    this.frameMs = FRAME_MS;
    this.canvas = canvas;
    this.gl = gl;
    this.nTop = 0;
    this.isClosed = false;
    /** @type {WebGLSync | null} what the hardware is at */
    this.fence = null;
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => {
      if (this.isClosed) return;
      this.resources = createResources(gl);
      this.fence = null;
      onRestored();
    });
    this.resources = createResources(gl);
  }

  get isLost() {
    return this.gl.isContextLost();
  }

  /** @param {import('./columns.mjs').PointColumns} columns room is made for all of their rows */
  allocate(columns) {
    const { gl, resources } = this;
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

  /** @param {import('./columns.mjs').PointColumns} columns @param {Attribute} name @param {number} start first row that changed */
  upload(columns, name, start) {
    const { gl } = this;
    const column = columns[name];
    gl.bindBuffer(gl.ARRAY_BUFFER, this.resources.buffers[ATTRIBUTES.indexOf(name)]);
    gl.bufferSubData(gl.ARRAY_BUFFER, start * column.BYTES_PER_ELEMENT, column, start, columns.count - start);
  }

  /** @param {TexelKind} kind @param {Uint8Array} texels RGBA of `palette.mjs` */
  setTexels(kind, texels) {
    const { gl } = this;
    const height = texels.length / 4 / TEXTURE_WIDTH;
    gl.bindTexture(gl.TEXTURE_2D, this.resources.textures[kind]);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, TEXTURE_WIDTH, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }

  /** @param {Uint32Array<ArrayBuffer>} rows that `drawTop` draws */
  setTop(rows) {
    const { gl, resources } = this;
    this.nTop = rows.length;
    gl.bindVertexArray(resources.vertexArray);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, resources.topBuffer);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, rows, gl.DYNAMIC_DRAW);
  }

  clear() {
    const { gl, canvas } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** @param {number} start @param {number} nRows @param {Looks} looks */
  draw(start, nRows, looks) {
    this.#use(looks, false);
    this.gl.drawArrays(this.gl.POINTS, start, nRows);
  }

  /** @param {Looks} looks */
  drawTop(looks) {
    this.#use(looks, true);
    this.gl.drawElements(this.gl.POINTS, this.nTop, this.gl.UNSIGNED_INT, 0);
  }

  /** @param {(ms: number) => void} done called when all that was drawn can be seen, `ms` from now; never if the context is lost before */
  finish(done) {
    const { gl } = this;
    const startedMs = performance.now();
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!fence) return;
    this.fence = fence;
    gl.flush();
    const poll = () => {
      if (this.fence !== fence) return; // forgotten, or lost with the context
      if (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) {
        setTimeout(poll, FENCE_POLL_MS);
        return;
      }
      this.forget();
      done(performance.now() - startedMs);
    };
    poll();
  }

  /** Whoever reads the canvas finds there what was drawn: the hardware sees to that. */
  show() {}

  /** Whoever waits for `finish` waits no longer. */
  forget() {
    if (this.fence) this.gl.deleteSync(this.fence);
    this.fence = null;
  }

  /** Browsers offer few contexts, so the hardware gets its memory back at once. */
  close() {
    this.isClosed = true;
    this.fence = null;
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  /** @param {Looks} looks @param {boolean} isOnTop */
  #use({ clip, sizePx, alpha, mode, nCategories, dimOthers }, isOnTop) {
    const { gl } = this;
    const { program, uniforms, vertexArray, textures } = this.resources;
    gl.useProgram(program);
    gl.bindVertexArray(vertexArray);
    gl.uniform4f(uniforms.clip, ...clip);
    gl.uniform1f(uniforms.sizePx, sizePx);
    gl.uniform1f(uniforms.alpha, isOnTop ? 1 : alpha);
    gl.uniform1i(uniforms.mode, PAINT_MODES.indexOf(mode));
    gl.uniform1i(uniforms.isOnTop, isOnTop ? 1 : 0);
    gl.uniform1ui(uniforms.nCategories, nCategories);
    gl.uniform1i(uniforms.dimOthers, dimOthers ? 1 : 0);
    [textures.class, textures.ramp, textures.category].forEach((texture, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    gl.uniform1i(uniforms.classColors, 0);
    gl.uniform1i(uniforms.rampColors, 1);
    gl.uniform1i(uniforms.categoryColors, 2);
  }
}
