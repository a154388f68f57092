/** Colours of classes, as the open collection has them. Knows no document. */

/** @typedef {(name: string | null) => string} ColorOf */

export class ClassColors {
  constructor() {
    /** @type {Record<string, string>} */
    this.colors = {};
    /** Of no class, and of one that the collection does not know. */
    this.otherColor = '';
  }

  /** @param {import('./dock.mjs').OpenCollection | null} collection */
  open(collection) {
    this.colors = collection?.colors ?? {};
    this.otherColor = collection?.otherColor ?? '';
  }

  /** @type {ColorOf} */
  of = (name) => this.colors[name ?? ''] ?? this.otherColor;
}
