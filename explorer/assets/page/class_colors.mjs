/** Colours of classes, as the open collection has them. Knows no document. */

/** Of no class, and of one that the collection does not know. */
const NO_COLOR = '#9aa0a6';

/** @typedef {(name: string | null) => string} ColorOf */

export class ClassColors {
  constructor() {
    /** @type {Record<string, string>} */
    this.colors = {};
  }

  /** @param {import('./dock.mjs').OpenCollection | null} collection */
  open(collection) {
    this.colors = collection?.colors ?? {};
  }

  /** @type {ColorOf} */
  of = (name) => this.colors[name ?? ''] ?? NO_COLOR;
}
