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

/** @typedef {(changes: Partial<WriteBackState>) => void} Tell */

const NO_JOB = { progress: '', job: null, isStopping: false };
const CHECKING = /** @type {const} */ ({ step: 'checking', answer: null, message: '' });
const WRITING = /** @type {const} */ ({ step: 'writing', ...NO_JOB });

/** @extends {Store<WriteBackState>} */
export class WriteBack extends Store {
  /** @param {Tools} tools */
  constructor(tools) {
    super({ step: 'closed', answer: null, message: '', ...NO_JOB });
    this.tools = tools;
    /** Number of the last step; what is told of an older one, or after the dialog was closed, comes too late. */
    this.nSteps = 0;
  }

  /** Asks what would be written; nothing is. */
  check() {
    return this.#begin(CHECKING, async () => ({ step: 'checked', answer: await this.#apply(true) }));
  }

  write() {
    return this.#begin(WRITING, async (tell) => ({ step: 'written', answer: await this.#finish(await this.#apply(false), tell) }));
  }

  /** @param {string} run gives files their bytes and objects on a server their classes back */
  takeBack(run) {
    return this.#begin(WRITING, async (tell) => {
      const { paths, kept } = await this.#finish(await this.tools.api.restore(run, this.tools.who()), tell);
      tell(CHECKING);
      const message = [backText(paths, kept.length === 0), leftText(kept)].filter(Boolean).join(' ');
      return { step: 'checked', answer: await this.#apply(true), message };
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
    this.nSteps += 1;
    this.set({ step: 'closed' });
  }

  /** @param {import('./collection_api.mjs').Run} run @param {Tell} tell @returns {Promise<any>} its result */
  #finish(run, tell) {
    return this.tools.api.finish(run, (now) => tell({ job: now.id, progress: progressWords(now) }), pause);
  }

  /** @param {boolean} isDryRun @returns {Promise<any>} */
  #apply(isDryRun) {
    return this.tools.api.post('/reviews/apply', { dry_run: isDryRun, who: this.tools.who() });
  }

  /** @param {Partial<WriteBackState>} begun @param {(tell: Tell) => Promise<Partial<WriteBackState>>} work gives how it ended */
  async #begin(begun, work) {
    this.nSteps += 1;
    const mine = this.nSteps;
    /** @type {Tell} */
    const tell = (changes) => { if (mine === this.nSteps) this.set(changes); };
    this.set(begun);
    try {
      tell(await work(tell));
    } catch (error) {
      tell({ step: 'failed', answer: null, message: messageOf(error) });
    }
  }
}
