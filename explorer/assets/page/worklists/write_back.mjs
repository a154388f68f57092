/** Writing accepted classes to the sources: what would be written, the writing, and the way back. Knows no document. */

import { pause } from './pause.mjs';
import { messageOf, Store } from './store.mjs';
import { backText, leftText, progressWords } from './write_back_words.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */

/**
 * @typedef {object} WriteBackState
 * @property {'closed' | 'checking' | 'checked' | 'writing' | 'written' | 'failed'} step
 * @property {any} answer what would be or was written, as the api has it
 * @property {string} message
 * @property {string} progress how far the writing is, in words
 * @property {string | null} job id of the run that writes or takes back; null before it has one
 * @property {boolean} isStopping whether it was asked to stop
 */

const NO_JOB = { progress: '', job: null, isStopping: false };

/** @extends {Store<WriteBackState>} */
export class WriteBack extends Store {
  /** @param {Tools} tools */
  constructor(tools) {
    super({ step: 'closed', answer: null, message: '', ...NO_JOB });
    this.tools = tools;
    /** Grows with each look at what would be written, and when that is closed: an answer to an older one is dropped. */
    this.turn = 0;
  }

  /** Asks what would be written; nothing is. */
  async check() {
    const turn = ++this.turn;
    this.set({ step: 'checking', answer: null, message: '' });
    /** @type {Partial<WriteBackState>} */
    const found = await this.#apply(true).then((answer) => ({ step: 'checked', answer }), failed);
    if (turn === this.turn) this.set(found);
  }

  write() {
    this.set({ step: 'writing', ...NO_JOB });
    return this.#try(async () => this.set({ step: 'written', answer: await this.#finish(await this.#apply(false)) }));
  }

  /** @param {string} run gives files their bytes and objects on a server their classes back */
  takeBack(run) {
    this.set({ step: 'writing', ...NO_JOB });
    return this.#try(async () => {
      const { paths, kept } = await this.#finish(await this.tools.api.restore(run, this.tools.who()));
      await this.check();
      this.set({ message: [backText(paths, kept.length === 0), leftText(kept)].filter(Boolean).join(' ') });
    });
  }

  /** Stops between two files or objects; what was written by then stays, and is told. */
  async stop() {
    const { job } = this.state;
    if (job === null) return;
    this.set({ isStopping: true });
    try {
      await this.tools.api.cancel(job);
    } catch (error) {
      this.set({ isStopping: false, progress: messageOf(error) });
    }
  }

  close() {
    this.turn += 1;
    this.set({ step: 'closed' });
  }

  /** @param {import('./collection_api.mjs').Run} run @returns {Promise<any>} its result */
  #finish(run) {
    return this.tools.api.finish(run, (now) => this.set({ job: now.id, progress: progressWords(now) }), pause);
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
      this.set(failed(error));
    }
  }
}

/** @param {unknown} error @returns {Partial<WriteBackState>} */
function failed(error) {
  return { step: 'failed', answer: null, message: messageOf(error) };
}
