/** The server's runs, asked for again and again: quickly while one is at work or somebody looks. Knows no document. */

import { ask, asJson } from '../server.mjs';
import { messageOf, Store } from '../worklists/store.mjs';

/**
 * @typedef {object} Run `RunInfo` of `lookalike/wire/runs.py`
 * @property {string} id
 * @property {"index" | "project" | "apply" | "undo" | "export" | "import" | "backup" | "restore" | "move"} kind
 * @property {string | null} collection
 * @property {string | null} source what is indexed
 * @property {"running" | "succeeded" | "failed" | "cancelled"} state
 * @property {string} stage
 * @property {number} done
 * @property {number | null} total
 * @property {number | null} rate_per_s
 * @property {number | null} seconds_left
 * @property {string} started_at
 * @property {string | null} finished_at
 * @property {Record<string, any> | null} result
 * @property {{detail: string} | null} error
 */

/** @typedef {{runs: Run[], isKnown: boolean, fault: string, cancelled: string[]}} RunsState newest first; ids that are to stop */

const QUICK_MS = 1000;
const SLOW_MS = 4000;

/** @extends {Store<RunsState>} */
export class RunsStore extends Store {
  /**
   * @param {import('../server.mjs').Send} send `fetch`
   * @param {object} page
   * @param {() => void} page.changed called when a run began or ended, wherever that was asked for
   * @param {(act: () => void, afterMs: number) => unknown} page.wait `setTimeout`
   */
  constructor(send, { changed, wait }) {
    super({ runs: [], isKnown: false, fault: '', cancelled: [] });
    this.send = send;
    this.changed = changed;
    this.wait = wait;
    /** Whether somebody looks at the runs. */
    this.isWatched = false;
    /** Number of the last pause; an older one ends without effect. */
    this.nPauses = 0;
    /** Number of the last question; the answer to an older one comes too late. */
    this.nAsked = 0;
  }

  /** @returns {Run[]} */
  get running() {
    return this.state.runs.filter(({ state }) => state === 'running');
  }

  /** @param {boolean} isWatched */
  watch(isWatched) {
    this.isWatched = isWatched;
    if (isWatched) void this.follow();
  }

  /** Asks now, and from now on. */
  async follow() {
    this.nPauses += 1;
    const pause = this.nPauses;
    await this.refresh();
    if (pause !== this.nPauses) return;
    const isQuick = this.isWatched || this.running.length > 0;
    this.wait(() => { if (pause === this.nPauses) void this.follow(); }, isQuick ? QUICK_MS : SLOW_MS);
  }

  async refresh() {
    this.nAsked += 1;
    const mine = this.nAsked;
    /** @type {Run[]} */
    let runs;
    try {
      runs = await ask(this.send, '/runs');
    } catch (error) {
      if (mine === this.nAsked) this.set({ fault: messageOf(error) });
      return;
    }
    if (mine !== this.nAsked) return;
    const hasChanged = this.state.isKnown ? statesOf(runs) !== statesOf(this.state.runs) : runs.some(({ state }) => state === 'running');
    const cancelled = this.state.cancelled.filter((id) => runs.some((run) => run.id === id && run.state === 'running'));
    this.set({ runs, cancelled, isKnown: true, fault: '' });
    if (hasChanged) this.changed();
  }

  /**
   * @param {object} request `RunRequest` of `lookalike/wire/runs.py`
   * @returns {Promise<Run>}
   * @throws {Error} in the api's words
   */
  async start(request) {
    const run = await ask(this.send, '/runs', asJson(request));
    await this.follow();
    return run;
  }

  /** @param {string} id */
  async cancel(id) {
    this.set({ cancelled: [...this.state.cancelled, id] });
    try {
      await ask(this.send, `/runs/${encodeURIComponent(id)}`, { method: 'DELETE' });
    } catch (error) {
      this.set({ fault: messageOf(error), cancelled: this.state.cancelled.filter((one) => one !== id) });
      return;
    }
    await this.follow();
  }
}

/** @param {Run[]} runs */
function statesOf(runs) {
  return runs.map(({ id, state }) => `${id} ${state}`).join();
}
