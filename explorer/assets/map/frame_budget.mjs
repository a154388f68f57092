/**
 * How many points one frame may draw. Nobody knows the user's machine, so the budget follows the measured
 * time.
 */

const START_ROWS = 100_000;
const MAX_ROWS = 8_000_000;

export class FrameBudget {
  /** @param {{quick: number, target: number, slow: number, leastRows: number}} times milliseconds: what is too little, what to aim at, and what is too long */
  constructor(times) {
    this.times = times;
    this.rows = START_ROWS;
  }

  /**
   * @param {number} nDrawn rows of the frame that was measured
   * @param {number} elapsedMs time that they took
   */
  adapt(nDrawn, elapsedMs) {
    const { quick, target, slow, leastRows } = this.times;
    if (nDrawn < this.rows && elapsedMs <= slow) return; // a short last chunk says of a full one only that it is too slow
    if (elapsedMs >= quick && elapsedMs <= slow) return;
    const wanted = Math.min(2, target / elapsedMs) * nDrawn;
    this.rows = Math.round(Math.min(MAX_ROWS, Math.max(leastRows, wanted)));
  }
}
