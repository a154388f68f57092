/**
 * Where the map is looked at from. The world is the unit square, y up; the screen is in CSS pixels, y down.
 * A zoom of 1 shows the whole square along the shorter side of the screen, whatever its size, so a view can be shared.
 */

export const MIN_ZOOM = 0.2;
/** Positions have 16 bits: beyond this zoom their steps are wider than a pixel or so on a 900-pixel map. */
export const MAX_ZOOM = 400;

/** @param {number} zoom */
const clampZoom = (zoom) => Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));

export class Camera {
  constructor() {
    this.x = 0.5;
    this.y = 0.5;
    this.zoom = 1;
    this.width = 1;
    this.height = 1;
  }

  /** Pixels per unit of the world. */
  get scale() {
    return Math.min(this.width, this.height) * this.zoom;
  }

  /** @param {number} width @param {number} height size of the screen in CSS pixels */
  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  /** @param {number} x @param {number} y @returns {[number, number]} screen position of a world position */
  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, this.height / 2 - (y - this.y) * this.scale];
  }

  /** @param {number} px @param {number} py @returns {[number, number]} world position under a screen position */
  toWorld(px, py) {
    return [(px - this.width / 2) / this.scale + this.x, (this.height / 2 - py) / this.scale + this.y];
  }

  /**
   * Moves the map by that many pixels, as if it were dragged.
   * @param {number} dx
   * @param {number} dy
   */
  panBy(dx, dy) {
    this.x -= dx / this.scale;
    this.y += dy / this.scale;
  }

  /**
   * Zooms by `factor` and keeps what is under the pixel (px, py) where it is.
   * @param {number} px
   * @param {number} py
   * @param {number} factor
   */
  zoomAt(px, py, factor) {
    const [x, y] = this.toWorld(px, py);
    this.zoom = clampZoom(this.zoom * factor);
    const [movedX, movedY] = this.toWorld(px, py);
    this.x += x - movedX;
    this.y += y - movedY;
  }

  /** @param {number} x looked at @param {number} y looked at @param {number} zoom */
  lookAt(x, y, zoom = this.zoom) {
    this.x = x;
    this.y = y;
    this.zoom = clampZoom(zoom);
  }

  /**
   * Shows a rectangle of the world as large as it fits.
   * @param {{left: number, bottom: number, right: number, top: number}} bounds
   * @param {number} marginPx kept free on every side
   */
  fit({ left, bottom, right, top }, marginPx) {
    const room = (/** @type {number} */ size) => Math.max(size - 2 * marginPx, size / 2);
    const scale = Math.min(room(this.width) / (right - left || 1), room(this.height) / (top - bottom || 1));
    this.lookAt((left + right) / 2, (bottom + top) / 2, scale / Math.min(this.width, this.height));
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} marginPx
   * @returns {boolean} whether (x, y) is on the screen, at least `marginPx` from its edges
   */
  shows(x, y, marginPx = 0) {
    const [px, py] = this.toScreen(x, y);
    return px >= marginPx && py >= marginPx && px <= this.width - marginPx && py <= this.height - marginPx;
  }

  /** @returns {[number, number, number, number]} factors and offsets that turn world into clip space */
  clipTransform() {
    const fx = (2 * this.scale) / this.width;
    const fy = (2 * this.scale) / this.height;
    return [fx, fy, -fx * this.x, -fy * this.y];
  }

  /** @returns {string} the view as "zoom,x,y", fit for a link */
  toText() {
    return [this.zoom.toFixed(3), this.x.toFixed(5), this.y.toFixed(5)].join(',');
  }

  /**
   * @param {string | null | undefined} text what `toText` wrote
   * @returns {boolean} false, and nothing changed, if it is no view
   */
  fromText(text) {
    const numbers = (text ?? '').split(',').map(Number);
    if (numbers.length !== 3 || !numbers.every(Number.isFinite) || numbers[0] <= 0) return false;
    const [zoom, x, y] = numbers;
    this.lookAt(x, y, zoom);
    return true;
  }
}
