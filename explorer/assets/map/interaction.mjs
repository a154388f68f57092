/** Turns what hands do (mouse, touch, wheel, keys) into camera moves and a few named events. */

/** A press that moves less than this is a click. */
const CLICK_SLOP_PX = 4;
const KEY_PAN_PX = 60;
const KEY_ZOOM = 1.3;
const WHEEL_ZOOM_PER_PX = 0.0015;
/** Wheels that count in lines (Firefox) instead of pixels. */
const PIXELS_PER_LINE = 16;

/** @typedef {[number, number]} Place */

/**
 * @typedef {object} Hands
 * @property {() => void} moved the camera was moved
 * @property {(px: number, py: number) => void} hovered the pointer rests over a place
 * @property {() => void} left the pointer left the map
 * @property {(px: number, py: number, mode: import('./row_sets.mjs').Mode, isFinger: boolean) => void} clicked
 * @property {(corners: [number, number][]) => void} outlining a selection is being drawn, this far
 * @property {(corners: [number, number][], mode: import('./row_sets.mjs').Mode) => void} outlined a selection was drawn
 * @property {(tool: "pan" | "lasso" | "box") => void} tool a key chose another tool
 * @property {() => void} fit show everything
 * @property {() => void} chooseMiddle select the point nearest to the middle
 * @property {() => void} nextNeighbor
 * @property {() => void} clear
 */

/**
 * The keys of the map, which its label for screen readers names.
 * @param {import('./camera.mjs').Camera} camera
 * @param {Hands} hands
 * @returns {Record<string, () => void>}
 */
function keyActions(camera, hands) {
  const pan = (/** @type {number} */ dx, /** @type {number} */ dy) => () => { camera.panBy(dx, dy); hands.moved(); };
  const zoom = (/** @type {number} */ factor) => () => { camera.zoomAt(camera.width / 2, camera.height / 2, factor); hands.moved(); };
  return {
    ArrowLeft: pan(KEY_PAN_PX, 0), ArrowRight: pan(-KEY_PAN_PX, 0),
    ArrowUp: pan(0, KEY_PAN_PX), ArrowDown: pan(0, -KEY_PAN_PX),
    '+': zoom(KEY_ZOOM), '=': zoom(KEY_ZOOM), '-': zoom(1 / KEY_ZOOM),
    0: hands.fit, Enter: hands.chooseMiddle, n: hands.nextNeighbor, Escape: hands.clear,
    p: () => hands.tool('pan'), l: () => hands.tool('lasso'), b: () => hands.tool('box'),
  };
}

/** @param {Hands} hands @param {() => boolean} isWaiting @returns {Hands} that touch no dot of the map before while another one comes */
function awayFromDots(hands, isWaiting) {
  /** @template {any[]} T @param {(...what: T) => void} act */
  const later = (act) => (/** @type {T} */ ...what) => { if (!isWaiting()) act(...what); };
  const { hovered, clicked, outlined, chooseMiddle, nextNeighbor } = hands;
  return {
    ...hands, hovered: later(hovered), clicked: later(clicked), outlined: later(outlined), chooseMiddle: later(chooseMiddle), nextNeighbor: later(nextNeighbor),
  };
}

export class Interaction {
  /**
   * @param {HTMLElement} element the canvas that receives the events
   * @param {import('./camera.mjs').Camera} camera
   * @param {Hands} hands
   */
  constructor(element, camera, hands) {
    this.element = element;
    this.camera = camera;
    /** Whether another map comes, so that the dots mean nothing any more. */
    this.isWaiting = false;
    this.hands = awayFromDots(hands, () => this.isWaiting);
    this.keys = keyActions(camera, this.hands);
    /**
     * What a drag does. With Shift or Alt it draws whatever this says.
     * @type {"pan" | "lasso" | "box"}
     */
    this.tool = 'pan';
    /** @type {import('./row_sets.mjs').Mode} what becomes of the selection before, for hands without Shift and Alt */
    this.combining = 'replace';
    /** @type {Place[]} corners of the selection that is being drawn */
    this.outline = [];
    /** @type {"pan" | "lasso" | "box"} what the drag under way does */
    this.dragTool = 'pan';
    /** @type {import('./row_sets.mjs').Mode} of the press under way: Shift adds to the selection, Alt takes away */
    this.mode = 'replace';
    /** @type {Place} where it began */
    this.start = [0, 0];
    /** Whether it is more than a click. */
    this.dragged = false;
    /** @type {Map<number, Place>} pressed pointers by id: where they are; two of them pinch */
    this.pressed = new Map();
    element.addEventListener('pointerdown', (event) => this.#press(event));
    element.addEventListener('pointermove', (event) => this.#move(event));
    element.addEventListener('pointerup', (event) => this.#release(event));
    element.addEventListener('pointercancel', (event) => this.#cancel(event));
    element.addEventListener('pointerleave', () => hands.left());
    // A quick drag would be a fling to the browser, which takes the next tap for its end.
    element.addEventListener('touchmove', (event) => event.preventDefault(), { passive: false });
    element.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    element.addEventListener('dblclick', (event) => this.#doubleClick(event));
    element.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {MouseEvent} event @returns {Place} */
  #place(event) {
    const box = this.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    this.pressed.set(event.pointerId, this.#place(event));
    if (this.pressed.size === 1) {
      this.start = this.#place(event);
      this.dragged = false;
      this.hands.left(); // what is hovered does not matter while something is dragged
      this.mode = event.shiftKey ? 'add' : event.altKey ? 'subtract' : this.combining;
      this.dragTool = this.mode !== 'replace' && this.tool === 'pan' ? 'lasso' : this.tool;
    } else {
      this.dragged = true;
      this.dragTool = 'pan';
      this.#dropOutline(); // two fingers move the map, whatever one of them drew before
    }
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const place = this.#place(event);
    const last = this.pressed.get(event.pointerId);
    if (!last) {
      this.hands.hovered(...place);
      return;
    }
    this.dragged ||= partsOf(event).some((part) => this.#isAway(this.#place(part))); // a ring ends where it began
    if (!this.dragged) return;
    if (this.dragTool === 'pan') this.#dragMap(event.pointerId, last, place);
    else for (const part of partsOf(event)) this.#draw(this.#place(part));
    this.pressed.set(event.pointerId, place);
  }

  /** @param {Place} place @returns {boolean} whether it is too far from the press for a click */
  #isAway([x, y]) {
    return Math.hypot(x - this.start[0], y - this.start[1]) >= CLICK_SLOP_PX;
  }

  /** @param {number} pointerId @param {Place} last @param {Place} place */
  #dragMap(pointerId, last, place) {
    if (this.pressed.size === 2) this.#pinch(pointerId, place);
    else this.camera.panBy(place[0] - last[0], place[1] - last[1]);
    this.hands.moved();
  }

  /** @param {Place} place */
  #draw([x, y]) {
    const [startX, startY] = this.start;
    if (this.dragTool === 'box') this.outline = [this.start, [x, startY], [x, y], [startX, y]];
    else this.outline = [...(this.outline.length > 0 ? this.outline : [this.start]), [x, y]];
    this.hands.outlining(this.outline);
  }

  /**
   * One of two fingers moved: zoom by the change of their distance, around the other finger.
   * @param {number} movedId
   * @param {Place} place
   */
  #pinch(movedId, place) {
    const last = this.pressed.get(movedId);
    const [, fixed] = [...this.pressed].find(([id]) => id !== movedId) ?? [];
    if (!last || !fixed) return;
    const distance = (/** @type {Place} */ [x, y]) => Math.max(1, Math.hypot(x - fixed[0], y - fixed[1]));
    this.camera.zoomAt(...fixed, distance(place) / distance(last));
  }

  /** @param {PointerEvent} event */
  #release(event) {
    if (!this.pressed.delete(event.pointerId)) return;
    if (!this.dragged) this.hands.clicked(...this.#place(event), this.mode, event.pointerType === 'touch');
    const outline = this.outline;
    this.outline = [];
    if (outline.length > 2) this.hands.outlined(outline, this.mode);
  }

  /** @param {PointerEvent} event */
  #cancel(event) {
    this.pressed.delete(event.pointerId);
    this.#dropOutline();
  }

  #dropOutline() {
    this.outline = [];
    this.hands.outlining(this.outline);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const deltaPx = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? PIXELS_PER_LINE : 1);
    this.camera.zoomAt(...this.#place(event), Math.exp(-deltaPx * WHEEL_ZOOM_PER_PX));
    this.hands.moved();
  }

  /** @param {MouseEvent} event */
  #doubleClick(event) {
    this.camera.zoomAt(...this.#place(event), event.shiftKey ? 0.5 : 2);
    this.hands.moved();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own shortcuts
    const action = this.keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}

/**
 * A browser tells of a pointer once per frame. On a busy page, a corner of an outline may lie between two of these.
 * @param {PointerEvent} event
 * @returns {PointerEvent[]} where the pointer was since the last event, and is now
 */
function partsOf(event) {
  const parts = event.getCoalescedEvents?.() ?? [];
  return parts.length > 0 ? parts : [event];
}
