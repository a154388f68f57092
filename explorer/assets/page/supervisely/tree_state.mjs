/** Teams, workspaces, projects and data sets of a Supervisely server, loaded when they are opened. Knows no document. */

import { messageOf, Store } from '../worklists/store.mjs';

/**
 * @typedef {object} Entry as the api has it
 * @property {'team' | 'workspace' | 'project' | 'dataset'} kind
 * @property {number} id
 * @property {string} name
 * @property {number | null} n_images
 * @property {number | null} parent_id
 * @property {string | null} source
 */

/**
 * @typedef {object} Node
 * @property {string} key
 * @property {Entry} entry
 * @property {string | null} parent its key
 * @property {boolean} isOpen
 * @property {'unknown' | 'loading' | 'ready' | 'failed'} status of what it holds
 * @property {string} message why that could not be loaded
 * @property {string[]} children their keys
 */

/** @typedef {{node: Node, depth: number}} Row a node in view; the outermost have depth 1 */

/**
 * @typedef {object} TreeStateValue
 * @property {'loading' | 'ready' | 'failed'} status
 * @property {string} message
 * @property {Record<string, Node>} nodes
 * @property {string[]} roots
 * @property {string} text what is searched for
 * @property {boolean} isSearching whether projects are still being loaded for it
 * @property {string | null} current key of the row that keys are about
 * @property {string | null} chosen key
 */

/** How many levels are asked for at once while everything is looked through. */
const AT_ONCE = 4;

/** @extends {Store<TreeStateValue>} */
export class TreeState extends Store {
  /** @param {(level: string, id: number) => Promise<Entry[]>} ask */
  constructor(ask) {
    super({ status: 'loading', message: '', nodes: {}, roots: [], text: '', isSearching: false, current: null, chosen: null });
    this.ask = ask;
  }

  /** Loads the teams; a single team or workspace is opened at once. */
  async load() {
    this.set({ status: 'loading', message: '' });
    try {
      const entries = await this.ask('server', 0);
      const roots = this.#add(entries, null);
      this.set({ status: 'ready', roots, current: roots[0] ?? null });
      await this.#openSingle(roots);
    } catch (error) {
      this.set({ status: 'failed', message: messageOf(error) });
    }
  }

  /** @param {string[]} keys */
  async #openSingle(keys) {
    if (keys.length !== 1 || this.state.nodes[keys[0]].entry.kind === 'project') return;
    await this.open(keys[0]);
    await this.#openSingle(this.state.nodes[keys[0]].children);
  }

  /** @param {string} key */
  async open(key) {
    this.#change(key, { isOpen: true });
    await this.#fill(key);
  }

  /** @param {string} key */
  close(key) {
    this.#change(key, { isOpen: false });
  }

  /** @param {string} key */
  toggle(key) {
    return this.state.nodes[key].isOpen ? this.close(key) : this.open(key);
  }

  /** Loads what a node holds, unless that is there or on its way. @param {string} key */
  async #fill(key) {
    const { entry, status } = this.state.nodes[key];
    if (status === 'ready' || status === 'loading') return;
    this.#change(key, { status: 'loading', message: '' });
    try {
      const entries = await this.ask(entry.kind, entry.id);
      const children = entry.kind === 'project' ? this.#addDatasets(entries, key) : this.#add(entries, key);
      this.#change(key, { status: 'ready', children });
    } catch (error) {
      this.#change(key, { status: 'failed', message: messageOf(error) });
    }
  }

  /** @param {Entry[]} entries @param {string | null} parent @returns {string[]} keys */
  #add(entries, parent) {
    const nodes = entries.map((entry) => newNode(entry, parent));
    this.set({ nodes: { ...this.state.nodes, ...Object.fromEntries(nodes.map((node) => [node.key, node])) } });
    return nodes.map(({ key }) => key);
  }

  /** @param {Entry[]} entries all of a project @param {string} project @returns {string[]} keys of the outermost */
  #addDatasets(entries, project) {
    const keyOf = (/** @type {number | null} */ id) => (id === null ? project : `dataset:${id}`);
    const nodes = entries.map((entry) => ({ ...newNode(entry, keyOf(entry.parent_id)), status: /** @type {const} */ ('ready') }));
    for (const node of nodes) node.children = nodes.filter(({ parent }) => parent === node.key).map(({ key }) => key);
    this.set({ nodes: { ...this.state.nodes, ...Object.fromEntries(nodes.map((node) => [node.key, node])) } });
    return nodes.filter(({ parent }) => parent === project).map(({ key }) => key);
  }

  /** @param {string} key @param {Partial<Node>} changes */
  #change(key, changes) {
    this.set({ nodes: { ...this.state.nodes, [key]: { ...this.state.nodes[key], ...changes } } });
  }

  // ---- searching --------------------------------------------------------------------------------------------------

  /** Looks for a name or an id; teams and workspaces are looked through to their projects. @param {string} text */
  async search(text) {
    this.set({ text });
    if (text.trim() === '' || this.state.isSearching) return;
    this.set({ isSearching: true });
    for (const kind of ['team', 'workspace']) {
      const keys = Object.values(this.state.nodes).filter(({ entry, status }) => entry.kind === kind && status === 'unknown').map(({ key }) => key);
      for (let start = 0; start < keys.length; start += AT_ONCE) {
        await Promise.all(keys.slice(start, start + AT_ONCE).map((key) => this.#fill(key)));
      }
    }
    this.set({ isSearching: false });
  }

  /** @returns {Row[]} what is in view, in order */
  get rows() {
    const { nodes, roots, text } = this.state;
    const wanted = text.trim().toLowerCase();
    const found = wanted === '' ? null : this.#found(wanted);
    /** @type {Row[]} */
    const rows = [];
    const walk = (/** @type {string[]} */ keys, /** @type {number} */ depth) => {
      for (const key of keys) {
        if (found !== null && !found.has(key)) continue;
        const node = nodes[key];
        const isOpen = node.isOpen || (found !== null && node.children.some((child) => found.has(child)));
        rows.push({ node: { ...node, isOpen }, depth });
        if (isOpen) walk(node.children, depth + 1);
      }
    };
    walk(roots, 1);
    return rows;
  }

  /** @param {string} wanted @returns {Set<string>} nodes that fit, and those above and below them */
  #found(wanted) {
    const { nodes } = this.state;
    const found = new Set();
    const below = (/** @type {string} */ key) => {
      found.add(key);
      nodes[key].children.forEach(below);
    };
    for (const { key, entry } of Object.values(nodes)) {
      if (!entry.name.toLowerCase().includes(wanted) && String(entry.id) !== wanted) continue;
      below(key);
      for (let above = nodes[key].parent; above !== null; above = nodes[above].parent) found.add(above);
    }
    return found;
  }

  // ---- walking and choosing ---------------------------------------------------------------------------------------

  /** @param {string} key @returns {string | null} the source that was chosen, if the node is one */
  choose(key) {
    const { source } = this.state.nodes[key].entry;
    this.set({ current: key, chosen: source === null ? this.state.chosen : key });
    return source;
  }

  /**
   * @param {string} key as in `KeyboardEvent`
   * @returns {boolean} whether it meant something
   */
  key(key) {
    const { rows } = this;
    const place = rows.findIndex(({ node }) => node.key === this.state.current);
    const node = rows[place]?.node;
    if (!node) return false;
    const goTo = (/** @type {number} */ next) => this.set({ current: rows[Math.min(Math.max(next, 0), rows.length - 1)].node.key });
    /** @type {Record<string, () => unknown>} */
    const actions = {
      ArrowDown: () => goTo(place + 1), ArrowUp: () => goTo(place - 1), Home: () => goTo(0), End: () => goTo(rows.length - 1),
      ArrowRight: () => (node.isOpen ? goTo(place + 1) : canOpen(node) && this.open(node.key)),
      ArrowLeft: () => (node.isOpen ? this.close(node.key) : node.parent !== null && this.set({ current: node.parent })),
    };
    actions[key]?.();
    return key in actions;
  }
}

/** @param {Node} node @returns {boolean} whether it holds, or may hold, others */
export function canOpen({ status, children }) {
  return status !== 'ready' || children.length > 0;
}

/** @param {Entry} entry @param {string | null} parent @returns {Node} */
function newNode(entry, parent) {
  return { key: `${entry.kind}:${entry.id}`, entry, parent, isOpen: false, status: 'unknown', message: '', children: [] };
}
