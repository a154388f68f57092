/**
 * How many points one frame may draw. Nobody knows the user's graphics hardware, so the budget follows the measured
 * time: it doubles while frames are quick, and shrinks when one takes so long that dragging would stutter.
 */

const START_ROWS = 100_000;
const MIN_ROWS = 25_000;
const MAX_ROWS = 8_000_000;
/** One frame at 60 Hz, less what the browser needs. */
const QUICK_MS = 14;
/** Slower than this feels like stutter; the next frame aims at TARGET_MS. */
const SLOW_MS = 45;
const TARGET_MS = 30;

export class FrameBudget {
  constructor() {
    this.rows = START_ROWS;
  }

  /**
   * @param {number} nDrawn rows of the frame that was measured
   * @param {number} elapsedMs time until the graphics hardware had finished them
   */
  adapt(nDrawn, elapsedMs) {
    if (nDrawn < this.rows) return; // a short last chunk says nothing about a full one
    if (elapsedMs < QUICK_MS) this.rows = Math.min(MAX_ROWS, this.rows * 2);
    else if (elapsedMs > SLOW_MS) this.rows = Math.max(MIN_ROWS, Math.round((this.rows * TARGET_MS) / elapsedMs));
  }
}
