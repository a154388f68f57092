/** The two shaders of the map, and how they are compiled. */

/** Attribute names in the order of their locations. */
export const ATTRIBUTES = /** @type {const} */ (['x', 'y', 'classIndex', 'value', 'category', 'chosen', 'faded']);

/** What dots can be coloured by, in the order of the shader's numbers. */
export const PAINT_MODES = /** @type {const} */ (['class', 'number', 'category']);

const UNIFORMS = /** @type {const} */ ([
  'clip', 'sizePx', 'alpha', 'mode', 'isOnTop', 'dimOthers', 'classColors', 'rampColors', 'categoryColors', 'nCategories',
]);

/** @typedef {typeof ATTRIBUTES[number]} Attribute */
/** @typedef {typeof PAINT_MODES[number]} PaintMode */
/** @typedef {Record<typeof UNIFORMS[number], WebGLUniformLocation | null>} Uniforms */

const VERTEX_SHADER = `#version 300 es
precision highp float;
precision highp int;
in float x;
in float y;
in uint classIndex;
in uint value;
in uint category;
in uint chosen;             // 1 inside the drawn selection
in uint faded;              // 1 for what a filter leaves out
uniform vec4 clip;          // factors and offsets from the unit square to clip space
uniform float sizePx;       // device pixels
uniform float alpha;
uniform int mode;           // place in PAINT_MODES
uniform bool isOnTop;       // drawn once more, over all others: only what does not recede
uniform uint nCategories;   // beyond them there is no category
uniform bool dimOthers;     // there is a selection: what is not in it recedes
uniform sampler2D classColors;
uniform sampler2D rampColors;
uniform sampler2D categoryColors;
flat out vec4 color;       // one per dot, which software GL need not interpolate

void main() {
  vec4 classColor = texelFetch(classColors, ivec2(int(classIndex & 255u), int(classIndex >> 8)), 0);
  bool recedes = classColor.a < 0.5 || faded == 1u || (dimOthers && chosen == 0u);
  vec3 rgb = classColor.rgb;
  if (mode == 1) rgb = texelFetch(rampColors, ivec2(int(value), 0), 0).rgb;
  if (mode == 2) rgb = category < nCategories
    ? texelFetch(categoryColors, ivec2(int(category & 255u), int(category >> 8)), 0).rgb
    : texelFetch(rampColors, ivec2(255, 0), 0).rgb;
  bool hidden = classIndex == 65535u || (isOnTop && recedes);  // the first is deleted
  color = recedes ? vec4(mix(rgb, vec3(0.6), 0.85), alpha * 0.3) : vec4(rgb, alpha);
  gl_Position = hidden ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(vec2(x, y) * clip.xy + clip.zw, 0.0, 1.0);
  gl_PointSize = sizePx;
}`;

const FRAGMENT_SHADER = `#version 300 es
precision highp float;
flat in vec4 color;
uniform float sizePx;
out vec4 fragment;

void main() {
  float fromCentrePx = length(gl_PointCoord - 0.5) * sizePx;
  float coverage = sizePx < 3.0 ? 1.0 : clamp(sizePx * 0.5 - fromCentrePx + 0.5, 0.0, 1.0);
  if (coverage <= 0.0) discard;
  fragment = vec4(color.rgb, 1.0) * color.a * coverage;
}`;

/**
 * @param {WebGL2RenderingContext} gl
 * @param {GLenum} type
 * @param {string} source
 */
function compile(gl, type, source) {
  const shader = gl.createShader(type);
  if (!shader) throw new Error('the graphics hardware has no room for the map; close other pages and reload this one');
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(`a shader of the map does not compile: ${gl.getShaderInfoLog(shader)}`);
  }
  return shader;
}

/**
 * @param {WebGL2RenderingContext} gl
 * @returns {{program: WebGLProgram, uniforms: Uniforms}}
 */
export function createProgram(gl) {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, VERTEX_SHADER));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, FRAGMENT_SHADER));
  ATTRIBUTES.forEach((name, location) => gl.bindAttribLocation(program, location, name));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the map's shaders do not link: ${gl.getProgramInfoLog(program)}`);
  }
  const locations = UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]);
  return { program, uniforms: Object.fromEntries(locations) };
}
