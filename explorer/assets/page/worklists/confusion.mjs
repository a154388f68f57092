/** Worklist of confused classes: a table of given against neighboring class, whose cells open their points. */

import { shortNameAmong } from '../../map/short_names.mjs';
import { Absent, CardList, ClassName, ClassPair } from '../cards.mjs';
import { cellKey, tabulate } from './confusion_table.mjs';
import { ConfusionWorklist } from './confusion_worklist.mjs';
import { classLabel, countText } from './names.mjs';
import { h, useState, useStore } from './react.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */
/** @typedef {import('./confusion_table.mjs').Cell} Cell */
/** @typedef {import('./confusion_table.mjs').ConfusionTable} ConfusionTable */

/** Pairs that are shown before somebody asks for more. */
const FIRST_PAIRS = 60;
/** Letters of a name: of those that a table is for, of a row's and of a column's. */
const [LONGEST_SHORT, LONGEST_ROW, LONGEST_COLUMN] = [12, 28, 16];

/** @param {{worklist: ConfusionWorklist}} props */
function View({ worklist }) {
  const { status, cells, open } = useStore(worklist);
  if (open) return h('div', { className: 'worklist' }, h(PointsOfCell, { worklist, cell: open }));
  if (status !== 'ready' || cells.every(({ given, neighborhood }) => given === neighborhood)) {
    return h('div', { className: 'worklist' }, h(Absent, {
      worklist, noun: 'confused classe', empty: 'No class lies among another one. Two classes or more are compared.', isNarrowed: true,
    }));
  }
  return h('div', { className: 'worklist' }, h(Table, { worklist }));
}

/** @param {{worklist: ConfusionWorklist, cell: Cell}} props */
function PointsOfCell({ worklist, cell }) {
  const { tools } = worklist;
  return [
    h('div', { key: 'head', className: 'list-head' },
      h('button', { className: 'act', onClick: () => worklist.show(null) }, '← All classes'),
      h('strong', null, countText(cell.count, 'point')),
      h('span', { className: 'said-class' }, h('span', { className: 'dim' }, 'labelled'), h(ClassName, { tools, name: cell.given })),
      h('span', { className: 'said-class' }, h('span', { className: 'dim' }, 'among'), h(ClassName, { tools, name: cell.neighborhood }))),
    h(CardList, { key: 'cards', worklist: worklist.cards, label: 'Points of this cell', noun: 'point', empty: 'No point is labelled so and lies there. The points have changed, or the filter leaves it out.', isNarrowed: true }),
  ];
}

/** @param {{worklist: ConfusionWorklist}} props the table or its pairs, with a search */
function Table({ worklist }) {
  const { cells, query } = worklist.state;
  const table = tabulate(cells, { query });
  const areLong = table.columns.some((name) => name.length > LONGEST_SHORT);
  const [form, setForm] = useState(/** @type {string | null} */ (null));
  const isList = (form ?? (areLong ? 'pairs' : 'matrix')) === 'pairs';
  return [
    h('div', { key: 'head', className: 'list-head' },
      h('input', {
        value: query, placeholder: 'Find a class', 'aria-label': 'Find a confused class',
        onChange: (/** @type {any} */ event) => worklist.set({ query: event.target.value }),
      }),
      h('span', { className: 'choices', role: 'group', 'aria-label': 'Form' },
        [['pairs', 'Pairs'], ['matrix', 'Matrix']].map(([one, words]) => h('button', {
          key: one, 'aria-pressed': (one === 'pairs') === isList, onClick: () => setForm(one),
        }, words))),
      h('strong', null, countText(table.nPoints, 'point')),
      h('span', { className: 'dim' }, isList ? 'labelled as the upper class, among the lower one' : 'labelled as the row, among the column')),
    table.cells.size === 0
      ? h('div', { key: 'none', className: 'dock-absent', role: 'status' }, h('p', null, `No confused class contains '${query}'.`))
      : h(isList ? Pairs : Matrix, { key: isList ? 'pairs' : 'matrix', worklist, table }),
  ];
}

/** @param {{worklist: ConfusionWorklist, table: ConfusionTable}} props the fullest pairs first, with both names in full */
function Pairs({ worklist, table }) {
  const [nShown, setShown] = useState(FIRST_PAIRS);
  return h('div', { className: 'scroller' },
    h('div', { className: 'cards pairs' }, table.pairs.slice(0, nShown).map((cell) => h('button', {
      key: cellKey(cell.given, cell.neighborhood), className: 'card pair', title: wordsOf(cell), style: { '--share': (cell.count / table.highest).toFixed(2) }, onClick: () => worklist.show(cell),
    },
    h(ClassPair, { tools: worklist.tools, given: cell.given, suggested: cell.neighborhood, words: ['labelled ', ' among '] }),
    h('strong', null, cell.count.toLocaleString('en'))))),
    table.pairs.length > nShown
      && h('button', { className: 'more', onClick: () => setShown(2 * nShown) }, `Show more of ${countText(table.pairs.length, 'pair')}`));
}

/** @param {{worklist: ConfusionWorklist, table: ConfusionTable}} props */
function Matrix({ worklist, table }) {
  const areShort = table.columns.every((name) => name.length <= 3);
  return h('div', { className: 'confusion-frame', tabIndex: 0, role: 'region', 'aria-label': 'Confused classes' },
    h('table', { className: `confusion${areShort ? ' has-short-names' : ''}` },
      h('thead', null, h('tr', null,
        h('td', null),
        table.columns.map((name) => h('th', { key: name, scope: 'col', title: classLabel(name) },
          h('span', null, shortNameAmong(worklist.tools.collection.classes, classLabel(name), LONGEST_COLUMN)))))),
      h('tbody', null, table.rows.map((given) => h(Row, { key: given, worklist, table, given })))),
    table.nHidden > 0
      && h('p', { className: 'dim hidden-cells' }, `${countText(table.nHidden, 'more point')} in smaller cells. Find a class to see them, or choose Pairs.`));
}

/** @param {Cell} cell */
function wordsOf({ given, neighborhood, count }) {
  return `${countText(count, 'point')} labelled ${classLabel(given)} among ${classLabel(neighborhood)}`;
}

/** @param {{worklist: ConfusionWorklist, table: ConfusionTable, given: string}} props */
function Row({ worklist, table, given }) {
  return h('tr', null,
    h('th', { scope: 'row', title: classLabel(given) }, shortNameAmong(worklist.tools.collection.classes, classLabel(given), LONGEST_ROW)),
    table.columns.map((neighborhood) => {
      const cell = table.cells.get(cellKey(given, neighborhood));
      if (!cell) return h('td', { key: neighborhood, className: given === neighborhood ? 'is-same' : '' });
      const share = Math.sqrt(cell.count / table.highest);
      return h('td', { key: neighborhood }, h('button', {
        style: { '--share': share.toFixed(2) }, className: share > 0.6 ? 'is-full' : '',
        title: wordsOf(cell), 'aria-label': wordsOf(cell), onClick: () => worklist.show(cell),
      }, cell.count.toLocaleString('en')));
    }));
}

export const CONFUSION = {
  key: 'confusion', title: 'Confusion', isNarrowed: true, hint: 'Classes that lie among others',
  create: (/** @type {Tools} */ tools) => new ConfusionWorklist(tools), View,
};
