/** Tree of check boxes for the datasets of the source that is to be indexed. */

import { countText } from '../worklists/names.mjs';
import { h, useEffect, useMemo, useRef, useState } from '../worklists/react.mjs';
import { countWanted, rowAt, rowsOf, toggle } from './dataset_tree.mjs';

/** @typedef {{names: string[], absent: string[], wanted: string[], change: (wanted: string[]) => void}} Choice absent are names that are wanted and not there */

/** @param {Choice} props */
export function DatasetChoice({ names, absent, wanted, change }) {
  const n = countWanted(names, wanted);
  return h('div', { className: 'datasets' },
    h('span', { id: 'index-datasets-label', className: 'datasets-name' }, 'Only these datasets'),
    h(Tree, { names, absent, wanted, change }),
    h('p', { id: 'index-datasets-help', className: 'dim', role: 'status' },
      wanted.length === 0 ? `All ${names.length.toLocaleString('en')} are indexed. Check some to index only these.` : `${n.toLocaleString('en')} of ${countText(names.length, 'dataset')} chosen. Points of other datasets stay as they are.`));
}

/** @param {Choice} props */
function Tree({ names, absent, wanted, change }) {
  const [current, setCurrent] = useState(/** @type {string | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const rows = useMemo(() => rowsOf(names, wanted), [names, wanted]);
  useEffect(() => {
    const row = list.current?.querySelector('[tabindex="0"]');
    if (row instanceof HTMLElement && list.current?.contains(document.activeElement)) row.focus();
  }, [current]);
  const stop = rows.some(({ path }) => path === current) ? String(current) : rows[0].path;
  const press = (/** @type {KeyboardEvent} */ event) => {
    const next = rowAt(rows, stop, event.key);
    if (event.key === ' ' || event.key === 'Enter') change(toggle(names, wanted, stop));
    else if (next !== null) setCurrent(next);
    else return;
    event.preventDefault();
  };
  return h('div', { ref: list, className: 'tree-rows', role: 'tree', 'aria-multiselectable': true, 'aria-labelledby': 'index-datasets-label', 'aria-describedby': 'index-datasets-help', onKeyDown: press },
    rows.map(({ path, label, depth, checked }) => h('div', {
      key: path, role: 'treeitem', className: 'tree-row', style: { '--depth': depth }, title: path || undefined, tabIndex: path === stop ? 0 : -1,
      'aria-level': depth, 'aria-checked': checked, onFocus: () => setCurrent(path), onClick: () => change(toggle(names, wanted, path)),
    },
    h('input', { type: 'checkbox', tabIndex: -1, 'aria-hidden': true, readOnly: true, checked: checked === 'true', ref: (/** @type {HTMLInputElement | null} */ box) => { if (box) box.indeterminate = checked === 'mixed'; } }),
    h('span', { className: 'tree-name' }, label || 'Images outside the others'),
    absent.includes(path) && h('span', { className: 'tree-note dim' }, 'not in this source'))));
}
