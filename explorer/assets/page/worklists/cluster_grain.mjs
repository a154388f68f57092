/**
 * How finely the points are divided into clusters, for the list of clusters and the map alike, and of which coarser
 * cluster only the parts are listed. Knows no document.
 */

import { Store } from './store.mjs';

/** From coarse to fine, as the control and the address name them. */
export const GRAINS = /** @type {const} */ ([
  { key: 'coarse', words: 'Coarse', resolution: 0.5 },
  { key: 'medium', words: 'Medium', resolution: 1 },
  { key: 'fine', words: 'Fine', resolution: 2 },
  { key: 'finest', words: 'Finest', resolution: 4 },
]);

/** @typedef {typeof GRAINS[number]} Grain */
/** @typedef {{cluster: number, grain: Grain}} Whole a cluster by its number among those of a coarser grain */
/** @typedef {{grain: Grain, whole: Whole | null}} GrainState with a whole, its parts alone are listed */

const [, MEDIUM] = GRAINS;
const WHOLE = /^(\d{1,9})@(\w+)$/;

/** @param {string | undefined | null} key @returns {Grain | null} */
const grainOf = (key) => GRAINS.find((one) => one.key === key) ?? null;

/** @extends {Store<GrainState>} */
export class ClusterGrain extends Store {
  /** @param {string} search query of the page's address */
  constructor(search) {
    super({ grain: MEDIUM, whole: null });
    this.collection = '';
    this.adopt(search);
  }

  /** @param {string} name of the collection that was opened; another one has other clusters */
  openCollection(name) {
    if (this.collection !== '' && name !== this.collection) this.close();
    this.collection = name;
  }

  /** @param {string} search query of an address */
  adopt(search) {
    const query = new URLSearchParams(search);
    const [, number, key] = query.get('parts')?.match(WHOLE) ?? [];
    const coarser = grainOf(key);
    const grain = grainOf(query.get('grain')) ?? MEDIUM;
    const whole = coarser && coarser.resolution < grain.resolution ? { cluster: Number(number), grain: coarser } : null;
    this.#set({ grain, whole });
  }

  /** @returns {Record<string, string[]>} values by their name in the address; none for what is usual */
  toLink() {
    const { grain, whole } = this.state;
    return { grain: grain === MEDIUM ? [] : [grain.key], parts: whole ? [`${whole.cluster}@${whole.grain.key}`] : [] };
  }

  /** @param {Grain} grain of all clusters */
  divide(grain) {
    this.#set({ grain, whole: null });
  }

  /** The next finer grain; null for the finest. @returns {Grain | null} */
  get finer() {
    return GRAINS[GRAINS.indexOf(this.state.grain) + 1] ?? null;
  }

  /** Lists the parts of a cluster alone. @param {number} cluster its number in the grain that is shown */
  open(cluster) {
    const { finer } = this;
    if (finer) this.#set({ grain: finer, whole: { cluster, grain: this.state.grain } });
  }

  /** Back to all clusters of the grain that the parts are of. */
  close() {
    if (this.state.whole) this.divide(this.state.whole.grain);
  }

  /** The cluster whose parts are listed is gone. */
  leaveWhole() {
    this.mend({ whole: null });
  }

  /** @param {GrainState} state */
  #set(state) {
    if (JSON.stringify(state) !== JSON.stringify(this.state)) this.set(state);
  }
}
