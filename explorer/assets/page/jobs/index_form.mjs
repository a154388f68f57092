/** The state of the index form: it stays open until the source was read, so that a fault of it is told here. Knows no document. */

import { ask } from '../server.mjs';
import { countText } from '../worklists/names.mjs';
import { messageOf, Store } from '../worklists/store.mjs';
import { MOST_DATASETS } from './dataset_tree.mjs';
import { datasetsOf, FIRST_ORDER, isLocal, KeptOrders, MAX_UPLOAD_MB, requestOf } from './index_order.mjs';

/** @typedef {import('./index_order.mjs').IndexOrder} IndexOrder */
/** @typedef {"open" | "uploading" | "opening"} Step */
/**
 * @typedef {object} Listing the datasets of the source
 * @property {"unknown" | "asking" | "told" | "failed"} status
 * @property {string[]} names with those that are wanted and not there
 * @property {string[]} absent the latter
 * @property {string} words why they cannot be told
 */
/** @typedef {{isOpen: boolean, order: IndexOrder, step: Step, words: string, unpacked: string, offered: string | null, listing: Listing}} FormState words say what is wrong; offered is the source that the page was opened on */

const MB = 1e6;
const KB = 1e3;
/** @type {Listing} */
const UNKNOWN = { status: 'unknown', names: [], absent: [], words: '' };

/** @extends {Store<FormState>} */
export class IndexForm extends Store {
  /**
   * @param {import('./runs_store.mjs').RunsStore} runs
   * @param {object} page
   * @param {import('../server.mjs').Send} page.send `fetch`
   * @param {import('./index_order.mjs').Storage} page.storage keeps orders
   * @param {() => void} page.started the run is at work, and the form has closed
   */
  constructor(runs, { send, storage, started }) {
    super({ isOpen: false, order: FIRST_ORDER, step: 'open', words: '', unpacked: '', offered: null, listing: UNKNOWN });
    this.runs = runs;
    this.send = send;
    this.kept = new KeptOrders(storage);
    this.started = started;
    /** @type {string | null} id of the run whose source is being opened */
    this.awaited = null;
    /** @type {object | null} the upload or the order that is on its way; null if its answer is of no use any more */
    this.waiting = null;
    runs.subscribe(() => this.#look());
  }

  /** @param {{source: string | null, collection: string | null} | null} earlier run to begin with */
  show(earlier = null) {
    const order = earlier?.source ? this.kept.recall(earlier.source, earlier.collection) : this.state.order;
    this.#take(order);
    this.set({ isOpen: true, listing: UNKNOWN });
    void this.listDatasets();
  }

  /** @param {string} source that is not indexed yet */
  offer(source) {
    this.show({ source, collection: null });
    this.set({ offered: source });
  }

  close() {
    this.awaited = this.waiting = null;
    this.set({ isOpen: false, step: 'open', words: '', offered: null });
  }

  /** @param {IndexOrder} order datasets that were checked are those of its source alone; one that is uploaded meanwhile takes the place of no other */
  change(order) {
    if (order.source !== this.state.order.source && this.state.step === 'uploading') {
      this.waiting = null;
      this.set({ step: 'open' });
    }
    this.#change(order);
  }

  /** @param {IndexOrder} order */
  #change(order) {
    const isOther = order.source !== this.state.order.source;
    this.#take(isOther && Array.isArray(order.datasets) ? { ...order, datasets: '' } : order);
  }

  /** @param {IndexOrder} order what is known of a source is told as long as it is the source */
  #take(order) {
    const { order: { source }, unpacked, listing } = this.state;
    this.set({ order, words: '', ...(order.source === source ? { unpacked, listing } : { unpacked: '', listing: UNKNOWN }) });
  }

  /** Asks which datasets the source has, unless that is known or being asked. */
  async listDatasets() {
    const source = this.state.order.source.trim();
    const { status } = this.state.listing;
    if (source === '' || !isLocal(source) || status === 'asking' || status === 'told') return;
    const asking = { ...UNKNOWN, status: /** @type {const} */ ('asking') };
    this.set({ listing: asking });
    try {
      const { datasets } = await ask(this.send, `/sources/datasets?source=${encodeURIComponent(source)}`);
      if (this.state.listing === asking) this.#offer(asking, datasets);
    } catch (error) {
      if (this.state.listing === asking) this.set({ listing: { ...asking, status: 'failed', words: inWords(error) } });
    }
  }

  /** @param {Listing} asking @param {string[]} datasets of the source; several become check boxes, which have what was typed */
  #offer(asking, datasets) {
    const { order } = this.state;
    const absent = datasetsOf(order).filter((name) => !datasets.includes(name));
    const names = [...datasets, ...absent];
    const isTree = datasets.length > 1 && names.length <= MOST_DATASETS;
    this.set({ listing: { ...asking, status: 'told', names: isTree ? names : [], absent }, order: isTree ? { ...order, datasets: datasetsOf(order) } : order });
  }

  /** @param {File | undefined} file */
  async upload(file) {
    if (!file) return;
    if (file.size > MAX_UPLOAD_MB * MB) {
      this.set({ words: `'${file.name}' has ${Math.ceil(file.size / MB)} MB; an upload has at most ${MAX_UPLOAD_MB}. Unpack it on the server's machine and name its folder.` });
      return;
    }
    this.set({ step: 'uploading', words: '', unpacked: '' });
    const isLate = this.#wait();
    const body = new FormData();
    body.append('file', file);
    try {
      const { path, n_files: nFiles, n_bytes: nBytes } = await ask(this.send, '/uploads', { method: 'POST', body });
      if (isLate()) return;
      const unpacked = `${file.name}: ${countText(nFiles, 'file')} unpacked, ${sizeText(nBytes)}.`;
      this.#change({ ...this.state.order, source: path });
      this.set({ step: 'open', unpacked });
      void this.listDatasets();
    } catch (error) {
      if (!isLate()) this.set({ step: 'open', words: inWords(error) });
    }
  }

  async start() {
    const { order, step } = this.state;
    if (step !== 'open') return; // it was sent, or its source is on its way
    this.set({ step: 'opening', words: '' });
    const isLate = this.#wait();
    try {
      const request = requestOf(order);
      this.kept.keep(order);
      const { id } = await this.runs.start(request);
      if (isLate()) return;
      this.awaited = id;
      this.#look();
    } catch (error) {
      if (!isLate()) this.set({ step: 'open', words: inWords(error) });
    }
  }

  /** @returns {() => boolean} whether the answer to what is sent now is of no use any more, since the form was closed or something else was sent */
  #wait() {
    const mine = {};
    this.waiting = mine;
    return () => mine !== this.waiting;
  }

  /** The process of a run opens the source first; then it tells of another stage. */
  #look() {
    const run = this.runs.state.runs.find(({ id }) => id === this.awaited);
    if (!run || (run.state === 'running' && run.stage === 'starting')) return;
    this.awaited = null;
    if (run.state === 'failed') {
      this.set({ step: 'open', words: messageOf(new Error(run.error?.detail ?? 'The run failed.')) });
      return;
    }
    this.close();
    this.started();
  }
}

/** @param {unknown} error @returns {string} what to do where a right is missing, else its own words */
function inWords(error) {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code !== 'NotAllowedError') return messageOf(error);
  return 'This page may not do that, because it is not open on the server\'s own machine. Open it there (http://127.0.0.1), or run lookalike index in a terminal of that machine.';
}

/** @param {number} nBytes @returns {string} */
function sizeText(nBytes) {
  return nBytes < MB / 10 ? `${Math.ceil(nBytes / KB)} kB` : `${(nBytes / MB).toFixed(1)} MB`;
}
