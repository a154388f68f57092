/** Worklist of confused classes: a table of given against neighboring class, whose cells open their points. */

import { Absent, CardList, ClassName } from '../cards.mjs';
import { CardWorklist, cardOfPoint } from './card_worklist.mjs';
import { cellKey, tabulate } from './confusion_table.mjs';
import { classLabel, countText, shortenName } from './names.mjs';
import { h, useStore } from './react.mjs';
import { messageOf, Store } from './store.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */
/** @typedef {import('./confusion_table.mjs').Cell} Cell */

/** Their ids are in the address of a request. */
const PAGE = 60;
const LONGEST_HEAD = 26;

/**
 * @typedef {object} ConfusionState
 * @property {'idle' | 'loading' | 'ready' | 'failed'} status
 * @property {string} message
 * @property {Cell[]} cells
 * @property {string} query
 * @property {Cell | null} open whose points are listed
 */

/** @extends {Store<ConfusionState>} */
class ConfusionWorklist extends Store {
  /** @param {Tools} tools */
  constructor(tools) {
    super({ status: 'idle', message: '', cells: [], query: '', open: null });
    this.tools = tools;
    this.nLoads = 0;
    this.cards = new CardWorklist(tools, (offset) => loadCell(tools, this.state.open, offset));
  }

  open() {
    if (this.state.status === 'idle') this.reload();
  }

  forget() {
    this.nLoads += 1;
    this.set({ status: 'idle', cells: [], open: null });
    this.cards.forget();
  }

  async reload() {
    this.nLoads += 1;
    const mine = this.nLoads;
    this.set({ status: 'loading', message: '' });
    try {
      const { cells } = await this.tools.api.get('/confusion');
      if (mine === this.nLoads) this.set({ status: 'ready', cells });
    } catch (error) {
      if (mine === this.nLoads) this.set({ status: 'failed', message: messageOf(error) });
    }
  }

  /** @param {Cell | null} open null goes back to the table */
  show(open) {
    this.set({ open });
    this.cards.forget();
    if (open) this.cards.reload();
  }

  /** @param {string} key */
  key(key) {
    if (this.state.open === null) return false;
    if (this.cards.key(key)) return true;
    if (key === 'Escape' || key === 'Backspace') this.show(null);
    else return false;
    return true;
  }
}

/**
 * The points of a cell; those that are ranked as suspects come first, with their reason.
 * @param {Tools} tools
 * @param {Cell | null} cell
 * @param {number} offset
 */
async function loadCell({ api }, cell, offset) {
  const ids = cell?.ids.slice(offset, offset + PAGE) ?? [];
  if (cell === null || ids.length === 0) return { cards: [], hasMore: false };
  const [{ points }, { suspects }] = await Promise.all([
    api.get('/points', { ids, limit: PAGE }), api.get('/suspects', { ids, limit: PAGE }),
  ]);
  const reason = `most of its nearest neighbors are ${cell.neighborhood}`;
  /** @type {Map<string, {suggested: string, reason: string, score: number}>} */
  const ranked = new Map();
  for (const suspect of suspects) {
    for (const id of [suspect.id, ...suspect.group]) {
      ranked.set(id, { suggested: suspect.suggested_class, reason: suspect.reason, score: suspect.score });
    }
  }
  const scored = points.map((/** @type {any} */ point) => ({
    point, ...(ranked.get(point.id) ?? { suggested: cell.neighborhood, reason, score: -1 }),
  }));
  scored.sort((/** @type {any} */ a, /** @type {any} */ b) => b.score - a.score);
  const cards = scored.map((/** @type {any} */ one) => cardOfPoint({ ...one.point, reason: one.reason }, one.suggested));
  return { cards, hasMore: offset + PAGE < cell.ids.length };
}

/** @param {{worklist: ConfusionWorklist}} props */
function View({ worklist }) {
  const state = useStore(worklist);
  if (state.status !== 'ready' || state.cells.every(({ given, neighborhood }) => given === neighborhood)) {
    return h('div', { className: 'worklist' }, h(Absent, {
      worklist, noun: 'confused classe', empty: 'No class lies among another one. Two classes or more are compared.',
    }));
  }
  return h('div', { className: 'worklist' }, state.open ? h(OpenCell, { worklist, cell: state.open }) : h(Table, { worklist }));
}

/** @param {{worklist: ConfusionWorklist, cell: Cell}} props */
function OpenCell({ worklist, cell }) {
  const { tools } = worklist;
  return [
    h('div', { key: 'head', className: 'list-head' },
      h('button', { className: 'act', onClick: () => worklist.show(null) }, '← All classes'),
      h('strong', null, countText(cell.count, 'point')),
      h('span', { className: 'dim' }, 'labelled'), h(ClassName, { tools, name: cell.given }),
      h('span', { className: 'dim' }, 'among'), h(ClassName, { tools, name: cell.neighborhood })),
    h(CardList, { key: 'cards', worklist: worklist.cards, label: 'Points of this cell', noun: 'point', empty: 'These points are gone.' }),
  ];
}

/** @param {{worklist: ConfusionWorklist}} props */
function Table({ worklist }) {
  const { cells, query } = worklist.state;
  const table = tabulate(cells, { query });
  const hidden = table.nHidden > 0 ? `, ${table.nHidden.toLocaleString('en')} of them in smaller cells: search a class` : '';
  return [
    h('div', { key: 'head', className: 'list-head' },
      h('input', {
        value: query, placeholder: 'Find a class', 'aria-label': 'Find a confused class',
        onChange: (/** @type {any} */ event) => worklist.set({ query: event.target.value }),
      }),
      h('strong', null, countText(table.nPoints, 'point')),
      h('span', { className: 'dim' }, `labelled as the row, among neighbors of the column${hidden}`)),
    table.cells.size === 0
      ? h('div', { key: 'none', className: 'dock-absent', role: 'status' }, h('p', null, `No confused class contains '${query}'.`))
      : h('div', { key: 'table', className: 'confusion-frame', tabIndex: 0, role: 'region', 'aria-label': 'Confused classes' },
        h('table', { className: `confusion${table.columns.every((name) => name.length <= 3) ? ' has-short-names' : ''}` },
          h('thead', null, h('tr', null,
            h('td', null),
            table.columns.map((name) => h('th', { key: name, scope: 'col', title: classLabel(name) },
              h('span', null, shortenName(classLabel(name), LONGEST_HEAD)))))),
          h('tbody', null, table.rows.map((given) => h(Row, { key: given, worklist, table, given }))))),
  ];
}

/** @param {{worklist: ConfusionWorklist, table: import('./confusion_table.mjs').ConfusionTable, given: string}} props */
function Row({ worklist, table, given }) {
  return h('tr', null,
    h('th', { scope: 'row', title: classLabel(given) }, shortenName(classLabel(given), LONGEST_HEAD)),
    table.columns.map((neighborhood) => {
      const cell = table.cells.get(cellKey(given, neighborhood));
      if (!cell) return h('td', { key: neighborhood, className: given === neighborhood ? 'is-same' : '' });
      const words = `${countText(cell.count, 'point')} labelled ${classLabel(given)} among ${classLabel(neighborhood)}`;
      const share = Math.sqrt(cell.count / table.highest);
      return h('td', { key: neighborhood }, h('button', {
        style: { '--share': share.toFixed(2) }, className: share > 0.6 ? 'is-full' : '',
        title: words, 'aria-label': words, onClick: () => worklist.show(cell),
      }, cell.count.toLocaleString('en')));
    }));
}

export const CONFUSION = {
  key: 'confusion', title: 'Confusion', hint: 'Classes that lie among others',
  create: (/** @type {Tools} */ tools) => new ConfusionWorklist(tools), View,
};
