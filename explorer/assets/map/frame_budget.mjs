/**
 * How many points one frame may draw. Nobody knows the user's graphics hardware, so the budget follows the measured
 * time.
 */

const START_ROWS = 100_000;
const MIN_ROWS = 25_000;
const MAX_ROWS = 8_000_000;

/** Milliseconds of a frame that others follow: slower ones stutter. */
export const MOVING_MS = { quick: 14, target: 30, slow: 45 };
/** Milliseconds of a frame in which nothing moves: what it shows still seems to come at once. */
export const AT_ONCE_MS = { quick: 60, target: 70, slow: 100 };

export class FrameBudget {
  /** @param {{quick: number, target: number, slow: number}} times what is too little, what to aim at, and what is too long */
  constructor(times) {
    this.times = times;
    this.rows = START_ROWS;
  }

  /**
   * @param {number} nDrawn rows of the frame that was measured
   * @param {number} elapsedMs time until the graphics hardware had finished them
   */
  adapt(nDrawn, elapsedMs) {
    if (nDrawn < this.rows) return; // a short last chunk says nothing about a full one
    const { quick, target, slow } = this.times;
    if (elapsedMs >= quick && elapsedMs <= slow) return;
    const wanted = Math.min(2, target / elapsedMs) * this.rows;
    this.rows = Math.round(Math.min(MAX_ROWS, Math.max(MIN_ROWS, wanted)));
  }
}
