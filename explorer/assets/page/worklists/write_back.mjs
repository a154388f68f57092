/** Writing accepted classes to the sources: what would be written, the writing, and the way back. Knows no document. */

import { messageOf, Store } from './store.mjs';

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
    return this.#ask('/reviews/apply', { dry_run: true }, (answer) => this.set({ step: 'checked', answer }));
  }

  write() {
    this.set({ step: 'writing' });
    return this.#ask('/reviews/apply', { dry_run: false }, (answer) => this.set({ step: 'written', answer }));
  }

  /** @param {string} run gives the files that it changed their bytes back */
  takeBack(run) {
    this.set({ step: 'writing' });
    return this.#ask('/reviews/restore', { run }, async ({ paths, kept }) => {
      const left = kept.map((/** @type {any} */ one) => `${one.path}: ${one.reason}`).join('; ');
      const back = paths.length === 1 ? '1 file is as it was' : `${paths.length.toLocaleString('en')} files are as they were`;
      await this.check();
      this.set({ message: `${back} before the run.${left ? ` Left as they are: ${left}.` : ''}` });
    });
  }

  close() {
    this.set({ step: 'closed' });
  }

  /** @param {string} path @param {object} body @param {(answer: any) => unknown} then */
  async #ask(path, body, then) {
    try {
      await then(await this.tools.api.post(path, { ...body, who: this.tools.who() }));
    } catch (error) {
      this.set({ step: 'failed', message: messageOf(error) });
    }
  }
}
