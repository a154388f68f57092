/**
 * Orders in the browser's own store, one entry each, so that two pages do not overwrite each other's. A page that opens
 * takes up all that are for its server; where another page is at one as well, its key has the api carry it out once.
 */

/** @typedef {import('./review_queue.mjs').Order} Order */

const NAME = 'lookalike-order:';

export class StoredOrders {
  /**
   * @param {import('./kept.mjs').Kept} storage what cannot be kept there is kept by the page alone
   * @param {string} path of the api: a host has one store for all servers, which a proxy tells apart by their paths
   */
  constructor(storage, path) {
    this.storage = storage;
    this.prefix = `${NAME}${path}#`; // a sign that no path has
    /** @type {Map<string, number>} when orders were given, by key */
    this.givenAt = new Map();
  }

  /** @returns {Order[]} the oldest first */
  load() {
    const found = [];
    for (let place = 0; place < this.storage.length; place++) {
      const name = this.storage.key(place) ?? '';
      const entry = name.startsWith(this.prefix) ? parse(this.storage.getItem(name)) : null;
      if (entry) found.push(entry);
    }
    found.sort((a, b) => a.at - b.at);
    for (const { at, order } of found) this.givenAt.set(order.key, at);
    return found.map(({ order }) => order);
  }

  /** @param {Order} order new, or changed */
  save(order) {
    const last = Math.max(0, ...this.givenAt.values());
    const at = this.givenAt.get(order.key) ?? Math.max(Date.now(), last + 1);
    this.givenAt.set(order.key, at);
    try {
      this.storage.setItem(this.prefix + order.key, JSON.stringify({ at, order }));
    } catch { /* full, or forbidden */ }
  }

  /** @param {string} key */
  remove(key) {
    this.givenAt.delete(key);
    this.storage.removeItem(this.prefix + key);
  }
}

/** @param {string | null} text @returns {{at: number, order: Order} | null} null for what is no order */
function parse(text) {
  try {
    const { at, order } = JSON.parse(text ?? '');
    return typeof at === 'number' && typeof order?.key === 'string' ? { at, order } : null;
  } catch {
    return null;
  }
}
