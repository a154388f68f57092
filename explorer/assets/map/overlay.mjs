/**
 * What is drawn over the points: the selected point, lines to its neighbors, the hovered point, and the crosshair of
 * keyboard users. A plain 2D canvas, because these are a few dozen shapes that change without a redraw of the points.
 */

const TURN = 2 * Math.PI;
/** @typedef {[number, number]} Place a position on the screen */

/** Nearer than this, the cells in which points are counted show. */
const MAX_CONTOUR_ZOOM = 6;
/** Longer side of a picture that is shown instead of a dot. */
const CROP_PX = 48;
const NAME_FONT = '600 11px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

export class Overlay {
  /** @param {HTMLCanvasElement} canvas lies over the map's canvas @param {import('./camera.mjs').Camera} camera */
  constructor(canvas, camera) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser cannot draw on the map; reload the page.');
    this.context = context;
    this.camera = camera;
    this.ink = '#111111';
    this.paper = '#ffffff';
    this.accent = '#2f7fd6';
  }

  /**
   * @param {object} scene
   * @param {number} scene.pixelRatio device pixels per CSS pixel
   * @param {(row: number) => [number, number]} scene.positionOf world position of a row
   * @param {(row: number) => string} scene.colorOf colour of a row's dot
   * @param {Float32Array[]} scene.contours x1, y1, x2, y2 of each piece of a line, in the unit square; one per level
   * @param {Map<number, CanvasImageSource & {width: number, height: number}>} scene.crops pictures instead of dots, by row
   * @param {number} scene.selected row, or -1
   * @param {number[]} scene.neighbors rows
   * @param {number} scene.hovered row, or -1
   * @param {number} scene.emphasized row of a neighbor that is pointed at in a list, or -1
   * @param {{row: number, progress: number} | null} scene.ping a ring that closes in on a row
   * @param {[number, number][]} scene.outline corners of what is being drawn, on the screen
   * @param {boolean} scene.crosshair whether to mark the middle, where Enter selects
   * @param {number} scene.dotSizePx diameter of the dots below
   * @param {(measure: (text: string) => number) => {text: string, x: number, y: number}[]} scene.names class names
   *   and the middles of their places on the screen
   */
  draw(scene) {
    const { context, camera } = this;
    context.setTransform(scene.pixelRatio, 0, 0, scene.pixelRatio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    this.#contours(scene.contours);
    const place = (/** @type {number} */ row) => camera.toScreen(...scene.positionOf(row));
    this.#crops(scene, place);
    this.#names(scene.names);
    const radius = Math.max(4.5, scene.dotSizePx / 2 + 1.5);
    if (scene.selected >= 0) this.#lines(place(scene.selected), scene.neighbors.map(place));
    for (const row of scene.neighbors) this.#dot(place(row), radius, scene.colorOf(row));
    if (scene.selected >= 0) this.#target(place(scene.selected), radius + 1, scene.colorOf(scene.selected));
    for (const row of [scene.hovered, scene.emphasized]) {
      if (row >= 0) this.#ring(place(row), radius + 3, 2, this.ink);
    }
    if (scene.ping) this.#ring(place(scene.ping.row), radius + 60 * (1 - scene.ping.progress), 2, this.accent);
    if (scene.outline.length > 0) this.#outline(scene.outline);
    if (scene.crosshair) this.#crosshair(camera.width / 2, camera.height / 2);
  }

  /** @param {Float32Array[]} levels */
  #contours(levels) {
    const { context, camera } = this;
    if (camera.zoom > MAX_CONTOUR_ZOOM) return;
    context.beginPath();
    for (const pieces of levels) {
      for (let k = 0; k < pieces.length; k += 4) {
        context.moveTo(...camera.toScreen(pieces[k], pieces[k + 1]));
        context.lineTo(...camera.toScreen(pieces[k + 2], pieces[k + 3]));
      }
    }
    context.globalAlpha = 0.5;
    context.lineWidth = 1;
    context.strokeStyle = this.ink;
    context.stroke();
    context.globalAlpha = 1;
  }

  /**
   * Pictures of points, framed in their colours; one that would cover another stays a dot.
   * @param {{crops: Map<number, CanvasImageSource & {width: number, height: number}>, colorOf: (row: number) => string}} scene
   * @param {(row: number) => Place} placeOf
   */
  #crops({ crops, colorOf }, placeOf) {
    const { context } = this;
    /** @type {Place[]} */
    const taken = [];
    for (const [row, picture] of crops) {
      const [x, y] = placeOf(row);
      if (taken.some(([otherX, otherY]) => Math.abs(otherX - x) < CROP_PX + 4 && Math.abs(otherY - y) < CROP_PX + 4)) continue;
      taken.push([x, y]);
      const scale = CROP_PX / Math.max(picture.width, picture.height);
      const [width, height] = [picture.width * scale, picture.height * scale];
      context.fillStyle = this.paper;
      context.fillRect(x - width / 2, y - height / 2, width, height);
      context.drawImage(picture, x - width / 2, y - height / 2, width, height);
      context.lineWidth = 2;
      context.strokeStyle = colorOf(row);
      context.strokeRect(x - width / 2, y - height / 2, width, height);
    }
  }

  /**
   * Ink on a halo of paper, which is readable over dots of any colour.
   * @param {(measure: (text: string) => number) => {text: string, x: number, y: number}[]} place
   */
  #names(place) {
    const { context } = this;
    context.font = NAME_FONT;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    const placed = place((text) => context.measureText(text).width);
    context.lineWidth = 3;
    context.strokeStyle = this.paper;
    context.fillStyle = this.ink;
    for (const { text, x, y } of placed) {
      context.strokeText(text, x, y);
      context.fillText(text, x, y);
    }
  }

  /** @param {Place} start @param {Place[]} ends */
  #lines([x, y], ends) {
    const { context } = this;
    context.beginPath();
    for (const end of ends) {
      context.moveTo(x, y);
      context.lineTo(...end);
    }
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    context.strokeStyle = this.ink;
    context.stroke();
    context.globalAlpha = 1;
  }

  /**
   * A dot with an edge that stands out from the points below it, on light and dark paper.
   * @param {Place} place
   * @param {number} radius
   * @param {string} color
   */
  #dot(place, radius, color) {
    const { context } = this;
    context.beginPath();
    context.arc(...place, radius, 0, TURN);
    context.fillStyle = color;
    context.fill();
    this.#ring(place, radius, 1.5, this.ink);
  }

  /** @param {Place} place @param {number} radius @param {string} color */
  #target(place, radius, color) {
    this.#dot(place, radius, color);
    this.#ring(place, radius + 3.5, 4, this.paper);
    this.#ring(place, radius + 3.5, 2.5, this.accent);
  }

  /** @param {Place} place @param {number} radius @param {number} width @param {string} color */
  #ring([x, y], radius, width, color) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, TURN);
    context.lineWidth = width;
    context.strokeStyle = color;
    context.stroke();
  }

  /** @param {Place[]} corners */
  #outline(corners) {
    const { context } = this;
    context.beginPath();
    for (const corner of corners) context.lineTo(...corner);
    context.closePath();
    context.lineWidth = 1.5;
    context.strokeStyle = this.accent;
    context.stroke();
    context.globalAlpha = 0.12;
    context.fillStyle = this.accent;
    context.fill();
    context.globalAlpha = 1;
  }

  /** @param {number} x @param {number} y */
  #crosshair(x, y) {
    const { context } = this;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 4 * dx, y + 4 * dy);
      context.lineTo(x + 12 * dx, y + 12 * dy);
    }
    context.lineWidth = 1.5;
    context.strokeStyle = this.accent;
    context.stroke();
  }
}
