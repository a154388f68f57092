/** The list of clusters: all of a grain, or the parts of one; opening one selects its points on the map. Knows no document. */

import { CardWorklist } from './card_worklist.mjs';
import { countText } from './names.mjs';
import { messageOf } from './store.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */

/**
 * @typedef {object} Cluster as the api has it
 * @property {number} cluster
 * @property {string} name
 * @property {number} size
 * @property {string | null} dominant_class
 * @property {number} purity
 * @property {import('./card_worklist.mjs').PointOfCard[]} examples
 */

/** @typedef {import('./card_worklist.mjs').Card & {cluster: Cluster}} ClusterCard */

/** What the api calls a number that no cluster has. */
const NO_CLUSTER = 'InvalidOptionsError';

export class ClusterWorklist extends CardWorklist {
  /** @param {Tools} tools */
  constructor(tools) {
    super(tools, () => this.#load());
    /** @type {string | null} name of the cluster whose parts are listed */
    this.whole = null;
    this.grain = tools.grain.state;
    tools.grain.subscribe(() => this.#divide());
    /** @type {string | null} id of the card whose points are selected on the map */
    this.shown = null;
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
    const [{ clusters, why_empty: whyEmpty }, named] = await Promise.all([
      api.get('/clusters', { resolution: grain.resolution, part_of: whole?.cluster, part_of_resolution: whole?.grain.resolution }),
      whole ? api.get(`/clusters/${whole.cluster}/points`, { resolution: whole.grain.resolution, limit: 1 }) : null,
    ]);
    this.whole = named?.name ?? null;
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
    const { grain, collection, api } = this.tools;
    if (this.grain === grain.state || collection.name !== api.collection) return; // of a collection that was closed
    this.grain = this.tools.grain.state;
    this.shown = null;
    const isOpen = this.state.status !== 'idle';
    this.forget();
    if (isOpen) this.open();
  }

  /** @param {ClusterCard} card selects its points on the map */
  async select(card) {
    const { cluster, size, name } = card.cluster;
    this.shown = card.id;
    this.set({ current: card.id });
    const { api, selectOnMap, say } = this.tools;
    try {
      /** @type {string[]} */
      const ids = [];
      for (let offset = /** @type {number | null} */ (0); offset !== null;) {
        const page = await api.get(`/clusters/${cluster}/points`, { resolution: this.tools.grain.state.grain.resolution, offset });
        if (page.size !== size) throw new Error('The points changed since these clusters were made. Retry.');
        ids.push(...page.ids);
        offset = page.next_offset;
      }
      const nFound = await selectOnMap(ids);
      say(`${countText(nFound, 'point')} of cluster ${name} are selected on the map.`);
    } catch (error) {
      say(messageOf(error));
    }
  }

  /** @override @param {string} key a cluster is looked at, not judged */
  key(key) {
    if (key !== 'Enter') return 'jk'.includes(key) || key.startsWith('Arrow') ? super.key(key) : false;
    const card = this.state.cards[this.place];
    if (card) this.select(/** @type {ClusterCard} */ (card));
    return true;
  }
}
