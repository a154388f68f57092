/** Joins the search box with the page. */

import { COMPONENT } from '../component_ids.mjs';
import { byId, closest } from '../elements.mjs';
import { createRoot, h } from '../worklists/react.mjs';
import { SearchBox } from './search_box.mjs';
import { SearchStore } from './search_store.mjs';
import { send } from '../send.mjs';

const FIRST_FOUND = '.search-classes button, .search-point, button.search-words';
const TYPED_INTO = 'input, textarea, select, [contenteditable]';

export class Search {
  /**
   * @param {object} page
   * @param {import('../worklists/store.mjs').Store<import('./search_store.mjs').Searched>} page.info what is known of the collection
   * @param {() => import('../map_panel.mjs').MapPanel | null} page.map
   * @param {import('../class_colors.mjs').ColorOf} page.colorOf
   * @param {(text: string) => void} page.say
   * @param {() => Record<string, unknown>} page.conditions of the filter
   */
  constructor({ info, map, colorOf, say, conditions }) {
    this.info = info;
    this.map = map;
    this.colorOf = colorOf;
    this.say = say;
    this.store = new SearchStore(send, (act, afterMs) => setTimeout(act, afterMs), conditions);
    createRoot(byId(COMPONENT.search)).render(h(SearchBox, { search: this }));
    document.addEventListener('keydown', (event) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || closest(event.target, TYPED_INTO) || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      byId('search-text').focus();
    });
  }

  /** Enter: by words if the model may know them, else to the first thing found. */
  enter() {
    if (this.info.state.has_text_search) void this.store.findByWords();
    else document.querySelector(FIRST_FOUND)?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  }

  /** A point was chosen, on which the results lie: the keyboard is at it from now on. */
  leave() {
    this.store.close();
    const panel = closest(byId(COMPONENT.pointContent), '.point');
    if (panel) Object.assign(panel, { tabIndex: -1 }).focus({ preventScroll: true });
  }

  /** Selects the points of a class on the map, as far as they are searched. @param {string} className */
  showClass(className) {
    const panel = this.map();
    const number = panel?.spec?.classNames.indexOf(className) ?? -1;
    if (!panel || number < 0) {
      this.say('There is no map to select points on. Make one first.');
      return;
    }
    const { map } = panel;
    const rows = [];
    for (let row = 0; row < map.nPoints; row += 1) {
      if (map.columns.classIndex[row] === number && (this.store.state.isWide || map.isVisible(row))) rows.push(row);
    }
    map.select(rows);
    this.store.close();
    map.canvas.focus({ preventScroll: true }); // what had the focus goes
  }
}
