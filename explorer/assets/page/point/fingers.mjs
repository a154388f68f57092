/** Two fingers zoom and move the inspector's image. One finger scrolls the page or draws a box, as without this. */

/** @typedef {[number, number]} Place in CSS px of the window */
/** @typedef {{middle: Place, spread: number}} Grip the middle of fingers, and how far from it they are on average, in px */

export class Fingers {
  /**
   * @param {HTMLElement} frame that holds the image
   * @param {(before: Grip, now: Grip) => void} moved one of several fingers
   */
  constructor(frame, moved) {
    this.moved = moved;
    /** @type {Map<number, Place>} pressed fingers by id: where they are */
    this.pressed = new Map();
    /** Whether there were two. The one that stays moves the image until it is lifted: the page would jump under it. */
    this.arePinching = false;
    frame.addEventListener('pointerdown', (event) => this.#press(event));
    frame.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) frame.addEventListener(end, (event) => this.#lift(event));
    // Else the browser would scroll the page, and tell no more of pointers. After a drag of one finger sideways it does not ask.
    frame.addEventListener('touchmove', (event) => { if (this.arePinching && event.cancelable) event.preventDefault(); }, { passive: false });
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.pointerType !== 'touch') return;
    if (event.isPrimary) this.pressed.clear(); // one may have been lifted where nobody was told of it
    this.pressed.set(event.pointerId, [event.clientX, event.clientY]);
    this.arePinching = this.pressed.size > 1;
  }

  /** @param {PointerEvent} event */
  #move({ pointerId, clientX, clientY }) {
    if (!this.pressed.has(pointerId)) return;
    const before = gripOf([...this.pressed.values()]);
    this.pressed.set(pointerId, [clientX, clientY]);
    if (this.arePinching) this.moved(before, gripOf([...this.pressed.values()]));
  }

  /** @param {PointerEvent} event */
  #lift({ pointerId }) {
    this.pressed.delete(pointerId);
    if (this.pressed.size === 0) this.arePinching = false;
  }
}

/** @param {Place[]} places of fingers @returns {Grip} */
export function gripOf(places) {
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = /** @type {Place} */ ([0, 1].map((axis) => mean(places.map((place) => place[axis]))));
  return { middle, spread: mean(places.map(([x, y]) => Math.hypot(x - middle[0], y - middle[1]))) };
}
