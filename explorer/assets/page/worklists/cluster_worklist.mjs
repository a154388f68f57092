/** The list of clusters: all of a grain, or the parts of one; opening one selects its points on the map. Knows no document. */

import { CardWorklist } from './card_worklist.mjs';
import { countText } from './names.mjs';
import { messageOf } from './store.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */

/**
 * @typedef {object} Cluster as the api has it
 * @property {number} cluster
 * @property {string} name
 * @property {number} size of the whole cluster
 * @property {number} n_matching its points that fit the page's filter
 * @property {string | null} dominant_class of the whole cluster
 * @property {number} purity of the whole cluster
 * @property {import('./card_worklist.mjs').PointOfCard[]} examples
 */

/** @typedef {import('./card_worklist.mjs').Card & {cluster: Cluster}} ClusterCard */

/** What the api calls a number that no cluster has. */
const NO_CLUSTER = 'InvalidOptionsError';

/** @param {Cluster} cluster @param {string} share of its largest class @returns {string} such as "340 points · 87 % cat", or "12 of 340 points · whole cluster: 87 % cat" under a filter */
export function clusterWords({ size, n_matching: nMatching }, share) {
  if (nMatching === size) return `${countText(size, 'point')} · ${share}`;
  return `${nMatching.toLocaleString('en')} of ${countText(size, 'point')} · whole cluster: ${share}`;
}

export class ClusterWorklist extends CardWorklist {
  /** @param {Tools} tools */
  constructor(tools) {
    super(tools, () => this.#load());
    /** @type {string | null} name of the cluster whose parts are listed */
    this.whole = null;
    this.grain = tools.grain.state;
    this.leaveGrain = tools.grain.subscribe(() => this.#divide());
    /** @type {string | null} id of the card whose points are selected on the map, or about to be */
    this.shown = null;
    /** How often a card was opened or all were forgotten. */
    this.nOpened = 0;
  }

  /** @override The filter or the points changed, and what is selected stays: no card's points, by now. */
  forget() {
    this.nOpened += 1;
    this.shown = null;
    super.forget();
  }

  /** @override The grain outlives it. */
  close() {
    this.leaveGrain();
    super.close();
  }

  /** Other points are selected on the map. */
  selectionChanged() {
    if (this.shown === null) return;
    this.shown = null;
    this.set({});
  }

  /** @returns {number | null} how many clusters there are, null until that is known, or while parts of one are listed */
  get count() {
    return this.state.status === 'ready' && this.tools.grain.state.whole === null ? this.state.cards.length : null;
  }

  async #load() {
    const { whole } = this.tools.grain.state;
    try {
      return await this.#list();
    } catch (error) {
      if (whole && /** @type {{code?: string}} */ (error).code === NO_CLUSTER) this.#leave(whole);
      throw error;
    }
  }

  async #list() {
    const { grain, whole } = this.tools.grain.state;
    const { api } = this.tools;
    const mine = this.nLoads;
    const [{ clusters, why_empty: whyEmpty }, named] = await Promise.all([
      api.get('/clusters', { resolution: grain.resolution, part_of: whole?.cluster, part_of_resolution: whole?.grain.resolution }),
      whole ? api.get(`/clusters/${whole.cluster}/points`, { resolution: whole.grain.resolution, limit: 1 }) : null,
    ]);
    if (mine === this.nLoads) this.whole = named?.name ?? null;
    const cards = clusters.map((/** @type {Cluster} */ cluster) => ({
      id: `cluster-${cluster.cluster}`, points: cluster.examples, suggested: null, reason: '', cluster,
    }));
    return { cards, hasMore: false, whyEmpty };
  }

  /** @param {import('./cluster_grain.mjs').Whole} whole that is gone; all clusters are listed then */
  #leave(whole) {
    const { grain, say } = this.tools;
    if (grain.state.whole !== whole) return; // others were chosen meanwhile
    say('The cluster whose parts the link names is gone; all clusters are listed.');
    grain.leaveWhole();
  }

  /** Clusters are coarser or finer, or the parts of one. */
  #divide() {
    const { grain } = this.tools;
    if (this.grain === grain.state) return;
    this.grain = grain.state;
    const isOpen = this.state.status !== 'idle';
    this.forget();
    if (isOpen) this.open();
  }

  /** @param {ClusterCard} card selects its points on the map that fit the page's filter */
  async select(card) {
    this.nOpened += 1;
    const mine = this.nOpened;
    this.shown = card.id;
    this.set({ current: card.id });
    const { selectOnMap, say } = this.tools;
    let shown = null;
    try {
      /** @type {string[]} */
      let ids = [];
      const nFound = await selectOnMap(async () => {
        ids = await this.#readIds(card.cluster);
        return mine === this.nOpened ? ids : null; // else the list is another one
      });
      if (nFound !== null) {
        say(this.#wordsOf(card.cluster, nFound, ids.length));
        shown = card.id;
      }
    } catch (error) {
      say(messageOf(error));
    }
    if (mine !== this.nOpened) return;
    this.shown = shown;
    this.set({});
  }

  /** @param {Cluster} cluster @param {number} nFound on the map @param {number} nMatching @returns {string} which of its points are selected */
  #wordsOf({ name, size }, nFound, nMatching) {
    const found = `Selected ${countText(nFound, 'point')} of cluster ${name} on the map.`;
    return nMatching < size ? `${found} The filter leaves out ${countText(size - nMatching, 'other')}.` : found;
  }

  /** @param {Cluster} cluster @returns {Promise<string[]>} ids of its points that fit the page's filter */
  async #readIds({ cluster, size }) {
    const { resolution } = this.tools.grain.state.grain;
    /** @type {string[]} */
    const ids = [];
    for (let offset = /** @type {number | null} */ (0); offset !== null;) {
      const page = await this.tools.api.get(`/clusters/${cluster}/points`, { resolution, offset });
      if (page.size !== size) throw new Error('The points changed since these clusters were made. Retry.');
      ids.push(...page.ids);
      offset = page.next_offset;
    }
    return ids;
  }

  /** @override @param {string} key a cluster is looked at, not judged */
  key(key) {
    if (key !== 'Enter') return 'jk'.includes(key) || key.startsWith('Arrow') ? super.key(key) : false;
    const card = this.state.cards[this.place];
    if (card) this.select(/** @type {ClusterCard} */ (card));
    return true;
  }
}
