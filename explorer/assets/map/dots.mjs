/**
 * Chooses what draws the dots: graphics hardware, or the processor where there is none. Many browsers offer WebGL2 without
 * hardware, and imitate it on the processor. Then one dot takes five times as long as in our own loop.
 */

import { GlDots } from './gl_dots.mjs';
import { PixelDots } from './pixel_dots.mjs';

/** @typedef {"class" | "ramp" | "category"} TexelKind what texels of `palette.mjs` are of */
/**
 * @typedef {object} Looks
 * @property {[number, number, number, number]} clip factors and offsets from the unit square to clip space
 * @property {number} sizePx diameter of a dot in device pixels
 * @property {number} alpha of dots that do not recede, 0 to 1
 * @property {import('./shaders.mjs').PaintMode} mode what they are coloured by
 * @property {number} nCategories beyond them there is no category
 * @property {boolean} dimOthers whether what is not chosen recedes
 */
/** @typedef {GlDots | PixelDots} Dots */

const IMITATED = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** @param {WebGL2RenderingContext} gl @returns {boolean} whether the processor does the work of the hardware */
function isImitated(gl) {
  const told = gl.getExtension('WEBGL_debug_renderer_info');
  return IMITATED.test(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

/** @returns {WebGL2RenderingContext | null} context of the hardware @param {HTMLCanvasElement} canvas */
function hardwareOf(canvas) {
  // The drawing buffer has to outlive a frame, because the next chunk is drawn on top of it.
  const gl = canvas.getContext('webgl2', { antialias: false, preserveDrawingBuffer: true, failIfMajorPerformanceCaveat: true });
  if (gl === null || !isImitated(gl)) return gl;
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return null;
}

/** @type {boolean | undefined} unknown before the first map */
let hasHardware;

/**
 * @param {() => HTMLCanvasElement} addCanvas
 * @param {() => void} onRestored called when what draws has lost all it was told, and can be told anew
 * @returns {Dots}
 * @throws {Error} if the browser draws nothing at all
 */
export function openDots(addCanvas, onRestored) {
  if (hasHardware !== false) {
    const canvas = addCanvas();
    const gl = hardwareOf(canvas);
    hasHardware ??= gl !== null;
    if (gl) return new GlDots(canvas, gl, onRestored);
    canvas.remove(); // it may belong to a context that is not used
  }
  return new PixelDots(addCanvas());
}
