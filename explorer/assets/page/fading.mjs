/** Ends what is shown for a while, but not while the pointer or the focus is in it. Knows no document. */

export class Fading {
  /**
   * @param {EventTarget} host what somebody may be reading, or about to press
   * @param {number} shownMs
   * @param {() => void} end
   */
  constructor(host, shownMs, end) {
    this.shownMs = shownMs;
    this.end = end;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.isShown = false;
    /** @type {Set<string>} what keeps it: "pointer", "focus" */
    this.held = new Set();
    for (const [name, by] of [['pointerenter', 'pointer'], ['focusin', 'focus']]) host.addEventListener(name, () => this.#hold(by));
    for (const [name, by] of [['pointerleave', 'pointer'], ['focusout', 'focus']]) host.addEventListener(name, () => this.#release(by));
  }

  /** It is shown, or shows something else. */
  start() {
    this.isShown = true;
    this.held.delete('focus'); // what had it may be gone without a word
    this.#run();
  }

  #run() {
    clearTimeout(this.timer);
    if (this.held.size === 0) this.timer = setTimeout(() => this.stop(), this.shownMs);
  }

  /** It is over, or was closed; what is gone is left by nobody. */
  stop() {
    clearTimeout(this.timer);
    this.isShown = false;
    this.held.clear();
    this.end();
  }

  /** @param {string} by */
  #hold(by) {
    if (!this.isShown) return;
    this.held.add(by);
    clearTimeout(this.timer);
  }

  /** @param {string} by */
  #release(by) {
    if (this.held.delete(by) && this.isShown) this.#run();
  }
}
