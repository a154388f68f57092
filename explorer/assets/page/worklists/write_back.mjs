/** Writing accepted classes to the sources: what would be written, the writing, and the way back. Knows no document. */

import { messageOf, Store } from './store.mjs';
import { backText } from './write_back_words.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */

/**
 * @typedef {object} WriteBackState
 * @property {'closed' | 'checking' | 'checked' | 'writing' | 'written' | 'failed'} step
 * @property {any} answer what would be or was written, as the api has it
 * @property {string} message
 */

/** @extends {Store<WriteBackState>} */
export class WriteBack extends Store {
  /** @param {Tools} tools */
  constructor(tools) {
    super({ step: 'closed', answer: null, message: '' });
    this.tools = tools;
  }

  /** Asks what would be written; nothing is. */
  check() {
    this.set({ step: 'checking', answer: null, message: '' });
    return this.#try(async () => this.set({ step: 'checked', answer: await this.#apply(true) }));
  }

  write() {
    this.set({ step: 'writing' });
    return this.#try(async () => this.set({ step: 'written', answer: await this.#apply(false) }));
  }

  /** @param {string} run gives files their bytes and objects on a server their classes back */
  takeBack(run) {
    this.set({ step: 'writing' });
    return this.#try(async () => {
      const { paths, kept } = await this.tools.api.restore(run, this.tools.who());
      const left = kept.map((/** @type {any} */ one) => `${one.path}: ${one.reason}`).join('; ');
      await this.check();
      this.set({ message: `${backText(paths)}${left ? ` Left as they are: ${left}.` : ''}` });
    });
  }

  close() {
    this.set({ step: 'closed' });
  }

  /** @param {boolean} isDryRun @returns {Promise<any>} */
  #apply(isDryRun) {
    return this.tools.api.post('/reviews/apply', { dry_run: isDryRun, who: this.tools.who() });
  }

  /** @param {() => Promise<void>} work */
  async #try(work) {
    try {
      await work();
    } catch (error) {
      this.set({ step: 'failed', answer: null, message: messageOf(error) });
    }
  }
}
