/** The tabs at the foot of a phone's screen: map, review and selection, one at a time. Wider windows show all at once. */

import { within } from '../elements.mjs';
import { readLink } from '../link.mjs';
import { createRoot, h, useStore } from '../worklists/react.mjs';
import { Store } from '../worklists/store.mjs';

const SUSPECTS = 'suspects';
const SELECTION = 'selection';

/** @typedef {import('../dock.mjs').Dock} Dock */

export class FootTabs {
  /** @param {Dock} dock */
  constructor(dock) {
    this.dock = dock;
    this.look = new Store({ isMap: readLink('worklist') === null });
    this.page = within(document, '.page');
    this.look.subscribe(() => this.#show());
    this.#show();
    const host = document.createElement('div');
    this.page.append(host);
    host.className = 'foot-tabs';
    createRoot(host).render(h(Tabs, { tabs: this }));
  }

  #show() {
    this.page.dataset.phone = this.look.state.isMap ? 'map' : 'lists';
  }

  /** @param {string} name "map", "review" or "selection" */
  open(name) {
    this.look.set({ isMap: name === 'map' });
    const { state } = this.dock.state;
    if (name === 'selection') this.dock.openTab(SELECTION);
    if (name !== 'review') return;
    if (state.open === SELECTION) this.dock.openTab(SUSPECTS);
    if (!state.isFull) this.dock.state.toggleFull(); // one card a screen
  }
}

/** @param {{tabs: FootTabs}} props */
function Tabs({ tabs }) {
  const { isMap } = useStore(tabs.look);
  const { open } = useStore(tabs.dock.state);
  const counts = useStore(tabs.dock.counts);
  const opened = isMap ? 'map' : open === SELECTION ? 'selection' : 'review';
  const count = (/** @type {string} */ key) => (counts[key] ? ` ${counts[key].toLocaleString('en')}` : '');
  const tab = (/** @type {string} */ name, /** @type {string} */ words, /** @type {string} */ note) => h('button', {
    key: name, type: 'button', 'aria-current': opened === name ? 'page' : undefined, onClick: () => tabs.open(name),
  }, words, note && h('span', { className: 'dim' }, note));
  return h('nav', { 'aria-label': 'Views' },
    tab('map', 'Map', ''), tab('review', 'Review', count(SUSPECTS)), tab('selection', 'Selection', count(SELECTION)));
}
