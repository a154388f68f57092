/** What the form of an index run holds, and the request that it makes. Knows no document. */

/**
 * @typedef {object} IndexOrder the form, all as typed
 * @property {string} source
 * @property {string | string[]} datasets empty for all, else names with commas between, or those that were checked
 * @property {string} collection empty for one named after model and crops
 * @property {string} model empty for the default
 * @property {string} device
 * @property {string} batchSize
 * @property {string} mode empty for what the source suggests
 * @property {string} padding pixels or a share
 * @property {string} minSize pixels
 * @property {boolean} maskBackground
 * @property {boolean} force
 * @property {boolean} full
 */

/** @typedef {{name: string, embedder: string, crops: string, n_points: number}} KnownCollection as the api lists it */
/** @typedef {{getItem: (name: string) => string | null, setItem: (name: string, value: string) => void}} Storage */

/** @type {IndexOrder} */
export const FIRST_ORDER = {
  source: '', datasets: '', collection: '', model: '', device: 'auto', batchSize: '', mode: '', padding: '0', minSize: '1', maskBackground: false, force: false, full: false,
};
/** Larger archives are refused by the server before it reads them. */
export const MAX_UPLOAD_MB = 60;
const KEPT_AS = 'lookalike-index-orders';
const MAX_KEPT = 20;
/** Devices by name, for a server that does not know those of the machines that index. */
const DEVICES = ['cpu', 'cuda:0', 'mps'];
const DEFAULT_MODEL = 'timm:tf_efficientnet_lite0';

/**
 * @param {IndexOrder} order
 * @returns {Record<string, unknown>} `IndexRun` of `lookalike/wire/runs.py`, without what is the default
 * @throws {Error} in words, if a field cannot be meant
 */
export function requestOf(order) {
  const source = order.source.trim();
  if (source === '') throw new Error('Say what to index: a folder, an annotation file or an address, or upload an archive.');
  const minSize = readCount(order.minSize, 'Smallest object', 1, 100_000);
  const datasets = datasetsOf(order);
  const wanted = {
    datasets: datasets.length > 0 ? datasets : null,
    collection: order.collection.trim(),
    model: order.model.trim(),
    device: order.device === 'auto' ? '' : order.device,
    batch_size: readCount(order.batchSize, 'Batch size', 1, 4096),
    mode: order.mode,
    padding: readPadding(order.padding),
    min_size_px: minSize === 1 ? null : minSize,
    mask_background: order.maskBackground,
    force: order.force,
    full: order.full,
  };
  return { kind: 'index', source, ...Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)) };
}

/** @param {IndexOrder} order @returns {string[]} names of its datasets; none for all */
export function datasetsOf({ datasets }) {
  return Array.isArray(datasets) ? datasets : datasets.split(',').map((name) => name.trim()).filter(Boolean);
}

/** @param {string} source @returns {boolean} whether it is a path of the server's machine */
export function isLocal(source) {
  return source.startsWith('file://') || !/^[a-z][a-z\d+.-]*:\/\//i.test(source);
}

/** @param {string} text @returns {string} the padding; empty for none @throws {Error} */
export function readPadding(text) {
  const trimmed = text.trim();
  const number = Number(trimmed.replace(/(%|px)$/, ''));
  if (!Number.isFinite(number) || Math.abs(number) > 10_000) throw new Error(`Padding '${text}' is neither pixels (8, -4) nor a share of the longer side (0.1, 10%).`);
  return number === 0 ? '' : trimmed;
}

/** @param {string} text @param {string} what @param {number} least @param {number} most @returns {number | null} null for none */
function readCount(text, what, least, most) {
  if (text.trim() === '') return null;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) throw new Error(`${what} '${text}' is no number from ${least} to ${most.toLocaleString('en')}.`);
  return number;
}

/**
 * @param {IndexOrder} order
 * @param {KnownCollection[]} collections
 * @returns {IndexOrder} with the model and the crops of the collection that it names, as it holds no others
 */
export function fitToCollection(order, collections) {
  const known = collections.find(({ name }) => name === order.collection.trim());
  if (!known) return order;
  const found = /^padding=(\S+) min=(\d+)px( masked)?$/.exec(known.crops);
  const crops = found ? { padding: found[1], minSize: found[2], maskBackground: Boolean(found[3]) } : {};
  return { ...order, model: known.embedder === DEFAULT_MODEL ? '' : known.embedder, ...crops };
}

/** @param {string} model of an order @returns {string} as collections name it */
export function embedderOf(model) {
  const name = model.trim() || DEFAULT_MODEL;
  return name.includes(':') ? name : `timm:${name}`;
}

/** @param {string} model of a list of models @returns {string} as an order has it */
export function modelOf(model) {
  return model === DEFAULT_MODEL ? '' : model;
}

/**
 * @param {string[] | null} known devices of the machine that indexes, none while they are asked for; null if the server does not know them
 * @param {string} device of the order, which may be from another time or machine
 * @returns {[string, string][]} devices to choose from, each with words
 */
export function deviceOptions(known, device) {
  const named = (/** @type {string} */ name) => (name.startsWith('cuda') ? `GPU (${name})` : name === 'mps' ? 'Apple GPU (mps)' : name.toUpperCase());
  const offered = known ?? DEVICES;
  const absent = device === 'auto' || offered.includes(device) ? [] : [device];
  const isToldAbsent = known !== null && known.length > 0;
  return [
    ['auto', 'Automatic'],
    .../** @type {[string, string][]} */ (offered.map((name) => [name, named(name)])),
    .../** @type {[string, string][]} */ (absent.map((name) => [name, isToldAbsent ? `${named(name)}: not on the server's machine` : named(name)])),
  ];
}

/** Orders given in this browser by source, to run one again as it was. */
export class KeptOrders {
  /** @param {Storage} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /** @returns {Record<string, IndexOrder>} */
  #read() {
    try {
      const kept = JSON.parse(this.storage.getItem(KEPT_AS) ?? '{}');
      return kept && typeof kept === 'object' ? kept : {};
    } catch {
      return {};
    }
  }

  /** @param {IndexOrder} order */
  keep(order) {
    const newest = Object.entries(this.#read()).filter(([source]) => source !== order.source).slice(-(MAX_KEPT - 1));
    this.storage.setItem(KEPT_AS, JSON.stringify({ ...Object.fromEntries(newest), [order.source]: { ...order, force: false, full: false } }));
  }

  /**
   * @param {string} source
   * @param {string | null} collection
   * @returns {IndexOrder} as it was given here; else one that says no more than where from and where to
   */
  recall(source, collection) {
    return { ...FIRST_ORDER, ...this.#read()[source], source, collection: collection ?? this.#read()[source]?.collection ?? '' };
  }
}
