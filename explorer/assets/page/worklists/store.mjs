/** State that views follow. Knows no document. */

/** @template State */
export class Store {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.subscribe = (/** @type {() => void} */ listener) => {
      this.listeners.add(listener);
      return () => { this.listeners.delete(listener); };
    };
    this.snapshot = () => this.state;
    /** Whether it leaves out what a link names and is not there; nobody wants to go back to that. */
    this.isMending = false;
  }

  /** @param {Partial<State>} changes */
  set(changes) {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }

  /** @param {Partial<State>} changes that leave out what is not there */
  mend(changes) {
    this.isMending = true;
    try {
      this.set(changes);
    } finally {
      this.isMending = false;
    }
  }
}

/** @param {unknown} error @returns {string} */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
