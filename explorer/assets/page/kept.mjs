/** What the browser keeps from page to page. What it refuses, being full or forbidden, is kept as long as the page. */

/** @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>} Kept */

/**
 * @param {() => Storage} give such as `() => localStorage`, which throws where it is forbidden
 * @returns {Kept} throws nothing
 */
export function keptIn(give) {
  /** @type {Map<string, string>} what was refused, by name; it counts instead of what the browser has of that name */
  const refused = new Map();
  /** @template T @param {(storage: Storage) => T} act @param {T} otherwise */
  const attempt = (act, otherwise) => {
    try {
      return act(give());
    } catch {
      return otherwise;
    }
  };
  const nGiven = () => attempt((storage) => storage.length, 0);
  const isGiven = (/** @type {string} */ name) => attempt((storage) => storage.getItem(name), null) !== null;
  const onlyHere = () => [...refused.keys()].filter((name) => !isGiven(name));
  return {
    getItem: (name) => refused.get(name) ?? attempt((storage) => storage.getItem(name), null),
    setItem(name, text) {
      refused.set(name, text);
      attempt((storage) => {
        storage.setItem(name, text);
        refused.delete(name);
      }, undefined);
    },
    removeItem(name) {
      refused.delete(name);
      attempt((storage) => storage.removeItem(name), undefined);
    },
    key: (place) => attempt((storage) => storage.key(place), null) ?? onlyHere()[place - nGiven()] ?? null,
    get length() {
      return nGiven() + onlyHere().length;
    },
  };
}

export const KEPT = keptIn(() => localStorage);
