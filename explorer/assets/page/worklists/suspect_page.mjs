/** Which page of the suspects is shown, as the address names it: it stays after a reload, and Back leads to the one before. Knows no document. */

/** @typedef {import('./suspect_worklist.mjs').SuspectWorklist} SuspectWorklist */
/** @typedef {(values: {page: string | null}, options: {isStep: boolean}) => void} Write into the address, maybe as a step that Back undoes */

/** @param {string} search query of an address @returns {number} */
function pageOf(search) {
  const page = Number(new URLSearchParams(search).get('page'));
  return Number.isSafeInteger(page) && page > 1 ? page : 1;
}

export class SuspectPage {
  /** @param {() => string} search reads the query of the page's address @param {Write} write */
  constructor(search, write) {
    this.search = search;
    this.write = write;
    this.number = pageOf(search());
    this.filter = '';
    /** @type {SuspectWorklist | null} */
    this.suspects = null;
  }

  /** @param {SuspectWorklist | undefined} suspects of the collection that was opened; another one begins at its first page */
  follow(suspects) {
    if (!suspects) return;
    if (this.suspects) this.#note(1, false);
    this.suspects = suspects;
    this.filter = suspects.filter;
    suspects.adopt(this.number);
    suspects.subscribe(() => this.#look(suspects));
  }

  /** Somebody went back or forth; the filter has followed. */
  adopt() {
    this.number = pageOf(this.search());
    this.suspects?.adopt(this.number);
  }

  /** A page was turned by hand, or there is another list. @param {SuspectWorklist} suspects */
  #look(suspects) {
    const isTurned = suspects.isTurning && suspects.filter === this.filter;
    this.filter = suspects.filter;
    if (suspects === this.suspects && suspects.pageNumber !== this.number) this.#note(suspects.pageNumber, isTurned);
  }

  /** @param {number} number @param {boolean} isStep */
  #note(number, isStep) {
    this.number = number;
    this.write({ page: number > 1 ? String(number) : null }, { isStep });
  }
}
