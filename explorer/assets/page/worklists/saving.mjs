/** Saving points: as a table that the page writes, as a file that the server writes, or in a folder there. Knows no document. */

import { exportText } from './export_table.mjs';
import { countText } from './names.mjs';
import { pause } from './pause.mjs';
import { messageOf, Store } from './store.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */

/**
 * @typedef {object} Order
 * @property {string} format a name of `TABLES`, or one of the server's behind "server-"
 * @property {'all' | 'filter' | 'selection'} what
 * @property {{ids?: string[]}} conditions on the points; none for all
 * @property {string | null} folder on the server's machine; null for a download
 */

/**
 * @typedef {object} Hand gives the browser what it is to save
 * @property {(name: string, text: string, type: string) => void} giveText
 * @property {(name: string, url: string) => void} giveFile
 */

/**
 * @typedef {object} SavingState
 * @property {boolean} isBusy
 * @property {boolean} isStopping
 * @property {boolean} isError
 * @property {string} words how far it is, what was saved, or what went wrong
 */

export const TABLES = [
  { name: 'csv', description: 'Short CSV table: class, accepted class, image, box and tags of each point', type: 'text/csv', ending: 'csv' },
  { name: 'ids', description: 'Ids: one on each line', type: 'text/plain', ending: 'txt' },
];

/** @extends {Store<SavingState>} */
export class Saving extends Store {
  /** @type {string | null} */
  #job = null;

  /** @param {Tools} tools @param {Hand} hand */
  constructor(tools, hand) {
    super({ isBusy: false, isStopping: false, isError: false, words: '' });
    this.tools = tools;
    this.hand = hand;
  }

  /** @param {Order} order */
  async save(order) {
    this.#job = null;
    this.set({ isBusy: true, isStopping: false, isError: false, words: 'Working …' });
    try {
      const table = TABLES.find(({ name }) => name === order.format);
      const words = table ? await this.#saveTable(table, order) : await this.#saveThere(order);
      this.set({ isBusy: false, words });
    } catch (error) {
      const { isStopping } = this.state;
      this.set({ isBusy: false, isError: !isStopping, words: isStopping ? 'Stopped. Nothing was saved.' : messageOf(error) });
    }
  }

  async stop() {
    this.set({ isStopping: true });
    if (this.#job === null) return;
    try {
      await this.tools.api.cancel(this.#job);
    } catch (error) {
      this.set({ isStopping: false, words: messageOf(error) });
    }
  }

  /** @param {{name: string, type: string, ending: string}} table @param {Order} order */
  async #saveTable({ name, type, ending }, { what, conditions }) {
    const ids = what === 'selection' ? conditions.ids ?? [] : null;
    const told = (/** @type {number} */ nDone) => this.#tell(`${countText(nDone, 'point')} read …`);
    const text = await exportText(this.tools, /** @type {'ids' | 'csv'} */ (name), ids, told, conditions);
    const file = `${what === 'all' ? this.tools.collection.name : what}.${ending}`;
    this.hand.giveText(file, text, type);
    return `${file} was saved.`;
  }

  /** @param {Order} order */
  async #saveThere({ format, conditions, folder }) {
    const { api } = this.tools;
    const filter = Object.keys(conditions).length === 0 ? null : conditions;
    const run = await api.post('/exports', { folder, format: format.replace('server-', ''), filter });
    this.#job = run.id;
    if (this.state.isStopping) await api.cancel(run.id);
    const done = await api.finish(run, (now) => this.#show(now), pause);
    const count = countText(done.n_points, 'point');
    const words = done.download ? `${count} written; your browser saves ${done.path}.` : `${count} written to ${done.path}.`;
    if (done.download) this.hand.giveFile(done.path, api.fileUrl(done.download));
    return [words, ...Object.entries(done.left_out ?? {}).map(([why, n]) => `${n.toLocaleString('en')} left out: ${why}.`)].join(' ');
  }

  /** @param {import('./collection_api.mjs').Run} run */
  #show({ stage, done, total }) {
    this.set({ words: total === null ? `${stage} …` : `${stage}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} …` });
  }

  /** @param {string} words @throws {Error} if it was stopped */
  #tell(words) {
    if (this.state.isStopping) throw new Error('stopped');
    this.set({ words });
  }
}
