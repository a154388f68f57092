/**
 * How many points one frame may draw. Nobody knows the user's machine, so the budget follows the measured
 * time.
 */

const START_ROWS = 100_000;
const MIN_ROWS = 25_000;
const MAX_ROWS = 8_000_000;

export class FrameBudget {
  /** @param {{quick: number, target: number, slow: number}} times milliseconds: what is too little, what to aim at, and what is too long */
  constructor(times) {
    this.times = times;
    this.rows = START_ROWS;
  }

  /**
   * @param {number} nDrawn rows of the frame that was measured
   * @param {number} elapsedMs time that they took
   */
  adapt(nDrawn, elapsedMs) {
    if (nDrawn < this.rows) return; // a short last chunk says nothing about a full one
    const { quick, target, slow } = this.times;
    if (elapsedMs >= quick && elapsedMs <= slow) return;
    const wanted = Math.min(2, target / elapsedMs) * this.rows;
    this.rows = Math.round(Math.min(MAX_ROWS, Math.max(MIN_ROWS, wanted)));
  }
}
