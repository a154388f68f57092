/** Selections without a name, which the browser keeps for one tab: a link has a key of each. Knows no document. */

/** @typedef {{collection: string, map: string, rows: number[]}} MapRows rows that are selected on a map */
/** @typedef {{key: string, collection: string, map: string, gaps: string}} Kept the rows are told by how far each is from the one before */
/** @typedef {{getItem: (name: string) => string | null, setItem: (name: string, value: string) => void}} Storage */

const KEPT_AS = 'lookalike-selections';
const MOST_KEPT = 50;
/** Of all that is kept; browsers have room for 5 million, and writing that many takes a frame or two. */
const MOST_LETTERS = 500_000;
/** A longer selection is kept while the page is open, as it takes long to write. */
const MOST_ROWS = 50_000;
const BASE = 36;

export class TabSelections {
  /** @param {() => Storage} storage `sessionStorage`, which a browser may refuse to give */
  constructor(storage) {
    this.storage = storage;
    /** @type {Kept[]} the newest first */
    this.kept = this.#read();
    /** @type {MapRows & {key: string} | null} the last one that is too long to be kept */
    this.long = null;
  }

  /** @param {MapRows} selected @returns {string} its key */
  keep({ collection, map, rows }) {
    if (rows.length > MOST_ROWS) {
      if (!isSame(this.long, { collection, map, rows })) this.long = { key: newKey(), collection, map, rows };
      return this.long.key;
    }
    const gaps = toGaps(rows);
    const known = this.kept.find((one) => one.gaps === gaps && one.map === map && one.collection === collection);
    const one = known ?? { key: newKey(), collection, map, gaps };
    this.kept = newest([one, ...this.kept.filter((other) => other !== known)]);
    if (!this.#write(this.kept)) this.#write([one]); // little room is left
    return one.key;
  }

  /** @param {string} key @returns {MapRows | null} null if this tab does not know it */
  find(key) {
    if (this.long?.key === key) return this.long;
    const one = this.kept.find((other) => other.key === key);
    return one ? { collection: one.collection, map: one.map, rows: fromGaps(one.gaps) } : null;
  }

  /** @returns {Kept[]} */
  #read() {
    try {
      const kept = JSON.parse(this.storage().getItem(KEPT_AS) ?? '[]');
      return Array.isArray(kept) ? kept.filter((one) => typeof one?.gaps === 'string') : [];
    } catch {
      return []; // refused, or written by something else
    }
  }

  /** @param {Kept[]} kept @returns {boolean} whether there was room */
  #write(kept) {
    try {
      this.storage().setItem(KEPT_AS, JSON.stringify(kept));
      return true;
    } catch {
      return false;
    }
  }
}

/** @param {MapRows | null} one @param {MapRows} other @returns {one is MapRows} */
function isSame(one, other) {
  return one !== null && one.collection === other.collection && one.map === other.map
    && one.rows.length === other.rows.length && one.rows.every((row, place) => row === other.rows[place]);
}

function newKey() {
  return Math.random().toString(BASE).slice(2, 10);
}

/** @param {Kept[]} kept @returns {Kept[]} what there is room for */
function newest(kept) {
  let nLetters = 0;
  return kept.slice(0, MOST_KEPT).filter(({ gaps }) => {
    nLetters += gaps.length;
    return nLetters <= MOST_LETTERS;
  });
}

/** @param {number[]} rows @returns {string} */
function toGaps(rows) {
  return Array.from(rows, (row, place) => (row - (place > 0 ? rows[place - 1] : 0)).toString(BASE)).join(' ');
}

/** @param {string} gaps @returns {number[]} */
function fromGaps(gaps) {
  let row = 0;
  return gaps.split(' ').map((gap) => {
    row += parseInt(gap, BASE);
    return row;
  });
}
