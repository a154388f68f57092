/**
 * Dots that the processor draws, without graphics hardware: each is a stamp of a few pixels, blended into a picture in
 * memory. It looks as `gl_dots.mjs` does, with centres rounded to a quarter of a pixel.
 */

import { DELETED_CLASS, POSITION_MAX } from './columns.mjs';
import { PHASES, reachOf, stampsOf } from './stamps.mjs';

/** @typedef {import('./columns.mjs').PointColumns} PointColumns */
/** @typedef {import('./dots.mjs').Looks} Looks */
/** @typedef {import('./dots.mjs').TexelKind} TexelKind */
/** @typedef {{bright: Uint32Array, pale: Uint32Array, recedes: Uint8Array}} Colors 0xBBGGRR of dots, and of those that recede */

/** The page can do nothing else meanwhile, so frames are short. */
const FRAME_MS = {
  moving: { quick: 5, target: 8, slow: 11, leastRows: 2_000 },
  atOnce: { quick: 25, target: 35, slow: 45, leastRows: 2_000 },
};
/** What recedes is mixed with this much grey, and has this share of the alpha. */
const [GREY, GREY_SHARE, PALE_ALPHA] = [0.6 * 255, 0.85, 0.3];

/** Rounds both of two bytes that lie in one number with eight bits below each. */
const HALVES = 0x800080;

/** @param {number} red @param {number} green @param {number} blue bytes */
const packed = (red, green, blue) => red | (green << 8) | (blue << 16);
/** @param {number} byte */
const paler = (byte) => Math.round(byte * (1 - GREY_SHARE) + GREY * GREY_SHARE);

/** @param {Uint8Array} texels RGBA of `palette.mjs` @returns {Colors} */
export function colorsOf(texels) {
  const n = texels.length / 4;
  const colors = { bright: new Uint32Array(n), pale: new Uint32Array(n), recedes: new Uint8Array(n) };
  for (let place = 0; place < n; place++) {
    const [red, green, blue, alpha] = texels.subarray(place * 4, place * 4 + 4);
    colors.bright[place] = packed(red, green, blue);
    colors.pale[place] = packed(paler(red), paler(green), paler(blue));
    colors.recedes[place] = alpha < 128 ? 1 : 0;
  }
  return colors;
}

/**
 * @param {PointColumns} columns @param {Record<TexelKind, Colors>} palette @param {Looks} looks
 * @returns {{recedes: (row: number) => boolean, colorOf: (row: number, isPale: boolean) => number}}
 */
function inkOf({ classIndex, value, category, chosen, faded }, palette, { mode, nCategories, dimOthers }) {
  const { recedes: classRecedes } = palette.class;
  const keys = { class: classIndex, number: value, category }[mode];
  const { bright, pale } = mode === 'number' ? palette.ramp : palette[mode];
  const nKeys = mode === 'category' ? nCategories : bright.length;
  const none = [palette.ramp.bright.at(-1) ?? 0, palette.ramp.pale.at(-1) ?? 0];
  return {
    recedes: (row) => classRecedes[classIndex[row]] === 1 || faded[row] === 1 || (dimOthers && chosen[row] === 0),
    colorOf: (row, isPale) => {
      const key = keys[row];
      if (key >= nKeys) return none[isPale ? 1 : 0];
      return isPale ? pale[key] : bright[key];
    },
  };
}

/**
 * Lays a dot over what is there.
 * @param {Uint32Array} pixels @param {number} centre place of the pixel that the dot's centre lies in
 * @param {Int32Array} stamp @param {number} color 0xBBGGRR @param {number} alpha 0 to 256
 */
function blend(pixels, centre, stamp, color, alpha) {
  // Two bytes at a time, each with eight bits of room above it: red and blue, then green and alpha.
  const redBlue = color & 0xff00ff;
  const greenAlpha = ((color >>> 8) & 0xff) | 0xff0000;
  for (let pair = 0; pair < stamp.length; pair += 2) {
    const share = (alpha * stamp[pair + 1]) >> 8;
    const place = centre + stamp[pair];
    const below = pixels[place];
    const low = ((below & 0xff00ff) * (256 - share) + redBlue * share + HALVES) >>> 8;
    const high = ((below >>> 8) & 0xff00ff) * (256 - share) + greenAlpha * share + HALVES;
    pixels[place] = (low & 0xff00ff) | (high & 0xff00ff00);
  }
}

/** What undoes the product with an alpha of 0 to 255. */
const FACTORS = Float64Array.from({ length: 256 }, (_, alpha) => 255 / Math.max(1, alpha));

/** @param {number} pixel RGBA with its colours times their alpha @returns {number} with its colours as they are */
function undone(pixel) {
  const alpha = pixel >>> 24;
  const factor = FACTORS[alpha];
  const [red, green, blue] = [(pixel & 255) * factor, ((pixel >>> 8) & 255) * factor, ((pixel >>> 16) & 255) * factor];
  return (alpha << 24) | ((blue + 0.5) << 16) | ((green + 0.5) << 8) | (red + 0.5);
}

/** A picture in memory: RGBA with its colours times their alpha, in a frame wide enough for dots that stick out. */
export class DotPicture {
  /** @param {number} width @param {number} height in pixels @param {number} sizePx diameter of the dots */
  constructor(width, height, sizePx) {
    this.width = width;
    this.height = height;
    this.sizePx = sizePx;
    const shownPx = Math.max(1, sizePx); // as hardware does, or dots between the centres of pixels vanish
    this.reach = reachOf(shownPx);
    this.margin = 2 * this.reach;
    this.stride = width + 2 * this.margin;
    this.pixels = new Uint32Array(this.stride * (height + 2 * this.margin));
    this.stamps = stampsOf(shownPx, this.stride);
  }

  /**
   * Blends dots over what is there.
   * @param {PointColumns} columns
   * @param {Record<TexelKind, Colors>} palette
   * @param {Looks} looks
   * @param {{start: number, end: number, rows: Uint32Array | null}} which rows; those from `start` to `end` of `rows`, if
   *   it is given: they are drawn over all others, opaque, and only if they do not recede
   */
  draw(columns, palette, looks, { start, end, rows }) {
    const { pixels, stamps, stride, width, height, reach, margin } = this;
    const { x, y, classIndex } = columns;
    const { recedes, colorOf } = inkOf(columns, palette, looks);
    const [alpha, paleAlpha] = [rows ? 256 : Math.round(looks.alpha * 256), Math.round(looks.alpha * PALE_ALPHA * 256)];
    // Places are in steps of the stamps, from the corner of the frame.
    const [factorX, factorY, offsetX, offsetY] = looks.clip;
    const [stepX, stepY] = [(factorX * width * PHASES) / (2 * POSITION_MAX), (-factorY * height * PHASES) / (2 * POSITION_MAX)];
    const [firstX, firstY] = [((offsetX + 1) * width / 2 + margin) * PHASES, ((1 - offsetY) * height / 2 + margin) * PHASES];
    const least = reach * PHASES;
    const [mostX, mostY] = [(width + margin + reach) * PHASES, (height + margin + reach) * PHASES];
    const isInside = (/** @type {number} */ right, /** @type {number} */ down) => right >= least && down >= least && right < mostX && down < mostY;
    for (let place = start; place < end; place++) {
      const row = rows ? rows[place] : place;
      const [right, down] = [Math.floor(x[row] * stepX + firstX), Math.floor(y[row] * stepY + firstY)];
      if (classIndex[row] === DELETED_CLASS || !isInside(right, down)) continue;
      const isPale = recedes(row);
      if (rows && isPale) continue;
      const centre = Math.floor(down / PHASES) * stride + Math.floor(right / PHASES);
      const stamp = stamps[(down % PHASES) * PHASES + (right % PHASES)];
      blend(pixels, centre, stamp, colorOf(row, isPale), isPale ? paleAlpha : alpha);
    }
  }

  /** Leaves nothing in it. */
  clear() {
    this.pixels.fill(0);
  }

  /** @param {Uint32Array} target RGBA of width times height pixels, with colours as they are */
  copyTo(target) {
    const { pixels, stride, width, height, margin } = this;
    for (let line = 0; line < height; line++) {
      const from = (line + margin) * stride + margin;
      for (let column = 0; column < width; column++) {
        const pixel = pixels[from + column];
        target[line * width + column] = pixel === 0 ? 0 : undone(pixel);
      }
    }
  }
}

export class PixelDots {
  /**
   * @param {HTMLCanvasElement} canvas
   * @throws {Error} if the browser draws nothing at all
   */
  constructor(canvas) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser draws no pictures, so there is no map.');
    this.frameMs = FRAME_MS;
    this.isLost = false;
    this.canvas = canvas;
    this.context = context;
    this.picture = new DotPicture(1, 1, 1);
    this.shown = new ImageData(1, 1);
    /** @type {PointColumns | null} read where they are, so nothing is uploaded */
    this.columns = null;
    this.top = new Uint32Array(0);
    /** A frame costs more: what lies on top is drawn, and all is copied. That is the same for any number of rows. */
    this.drawMs = 0;
    const none = colorsOf(new Uint8Array(4));
    /** @type {Record<TexelKind, Colors>} */
    this.palette = { class: none, ramp: none, category: none };
  }

  /** @param {PointColumns} columns */
  allocate(columns) {
    this.columns = columns;
  }

  upload() {}

  /** @param {TexelKind} kind @param {Uint8Array} texels RGBA of `palette.mjs` */
  setTexels(kind, texels) {
    this.palette[kind] = colorsOf(texels);
  }

  /** @param {Uint32Array<ArrayBuffer>} rows that `drawTop` draws */
  setTop(rows) {
    this.top = rows;
  }

  /** @param {Looks} looks of what will be drawn */
  clear({ sizePx }) {
    const { canvas: { width, height }, picture } = this;
    this.context.clearRect(0, 0, width, height);
    if (picture.width === width && picture.height === height && picture.sizePx === sizePx) {
      picture.clear();
      return;
    }
    this.picture = new DotPicture(width, height, sizePx);
    this.shown = new ImageData(width, height);
  }

  /** @param {number} start @param {number} nRows @param {Looks} looks */
  draw(start, nRows, looks) {
    const startedMs = performance.now();
    if (this.columns) this.picture.draw(this.columns, this.palette, looks, { start, end: start + nRows, rows: null });
    this.drawMs = performance.now() - startedMs;
  }

  /** @param {Looks} looks */
  drawTop(looks) {
    if (this.columns) this.picture.draw(this.columns, this.palette, looks, { start: 0, end: this.top.length, rows: this.top });
  }

  /** @param {(ms: number) => void} done called when all that was drawn can be seen: at once; `ms` of the last `draw` */
  finish(done) {
    this.show();
    done(this.drawMs);
  }

  /** Whoever reads the canvas finds there what was drawn. */
  show() {
    this.picture.copyTo(new Uint32Array(this.shown.data.buffer));
    this.context.putImageData(this.shown, 0, 0);
  }

  forget() {}

  close() {}
}
