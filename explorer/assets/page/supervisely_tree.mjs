/** Picker of a project or data set on the Supervisely server: a tree with a search and the counts of images. */

import { askApi } from './supervisely/asking.mjs';
import { canOpen, TreeState } from './supervisely/tree_state.mjs';
import { countText } from './worklists/names.mjs';
import { h, useEffect, useRef, useState, useStore } from './worklists/react.mjs';

/** @typedef {import('./supervisely/tree_state.mjs').Row} RowOfTree */

const KIND_NAMES = { team: 'Team', workspace: 'Workspace', project: 'Project', dataset: 'Data set' };

/** @param {KeyboardEvent} event Enter does not send the form around the search */
function stayInForm(event) {
  if (event.key === 'Enter') event.preventDefault();
}

/** @param {string} level @param {number} id */
const askTree = (level, id) => askApi(`/supervisely/tree?level=${level}&id=${id}`);

/** @param {{onChoose: (text: string) => void}} props told of a source such as "supervisely://11/22" */
export function SuperviselyTree({ onChoose }) {
  const [tree] = useState(new TreeState(askTree));
  const { status, message, text, isSearching } = useStore(tree);
  useEffect(() => { void tree.load(); }, []);
  if (status === 'failed') {
    return h('div', { className: 'platform-tree is-failed', role: 'alert' },
      h('p', { className: 'warning' }, message),
      h('button', { type: 'button', className: 'act', onClick: () => tree.load() }, 'Retry'));
  }
  return h('div', { className: 'platform-tree' },
    h('label', { className: 'field' }, 'Search projects',
      h('input', { type: 'search', value: text, placeholder: 'Name or id', onKeyDown: stayInForm, onChange: (/** @type {any} */ event) => tree.search(event.target.value) })),
    h('p', { role: 'status', className: 'dim' }, wordsOf(status, isSearching, tree)),
    h(Rows, { tree, onChoose }));
}

/** @param {string} status @param {boolean} isSearching @param {TreeState} tree */
function wordsOf(status, isSearching, tree) {
  if (status === 'loading') return 'Asking the server …';
  if (isSearching) return 'Looking through all workspaces …';
  if (tree.rows.length > 0) return '';
  return tree.state.text.trim() === '' ? 'The token of this server may see no team.' : 'No project has that name or id. Data sets are found once their project is open.';
}

/** @param {{tree: TreeState, onChoose: (text: string) => void}} props */
function Rows({ tree, onChoose }) {
  const { current, chosen } = useStore(tree);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const { rows } = tree;
  useEffect(() => {
    const row = list.current?.querySelector('[tabindex="0"]');
    if (row instanceof HTMLElement && list.current?.contains(document.activeElement)) row.focus();
  }, [current]);
  if (rows.length === 0) return null;
  const stop = rows.some(({ node }) => node.key === current) ? current : rows[0].node.key;
  const choose = (/** @type {string} */ key) => {
    const source = tree.choose(key);
    if (source === null) void tree.toggle(key);
    else onChoose(source);
  };
  const press = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter' || event.key === ' ') { if (stop !== null) choose(stop); } else if (!tree.key(event.key)) return;
    event.preventDefault();
  };
  return h('div', { ref: list, className: 'tree-rows', role: 'tree', 'aria-label': 'Projects of the server', onKeyDown: press },
    rows.map((row) => h(Row, { key: row.node.key, row, tree, choose, isStop: row.node.key === stop, isChosen: row.node.key === chosen })));
}

/** @param {{row: RowOfTree, tree: TreeState, choose: (key: string) => void, isStop: boolean, isChosen: boolean}} props */
function Row({ row: { node, depth }, tree, choose, isStop, isChosen }) {
  const { entry, isOpen, status, message } = node;
  const images = entry.n_images === null ? '' : countText(entry.n_images, 'image');
  const toggle = (/** @type {MouseEvent} */ event) => {
    event.stopPropagation();
    void tree.toggle(node.key);
  };
  return h('div', {
    role: 'treeitem', tabIndex: isStop ? 0 : -1, className: `tree-row is-${entry.kind}`, style: { '--depth': depth },
    'aria-level': depth, 'aria-selected': isChosen, 'aria-expanded': canOpen(node) ? isOpen : undefined,
    onClick: () => choose(node.key), onFocus: () => { if (!isStop) tree.set({ current: node.key }); },
  },
  h('span', { className: `tree-mark${canOpen(node) ? '' : ' is-leaf'}${isOpen ? ' is-open' : ''}`, 'aria-hidden': true, onClick: canOpen(node) ? toggle : undefined }),
  h('span', { className: 'visually-hidden' }, KIND_NAMES[entry.kind]),
  h('span', { className: 'tree-name', title: `${KIND_NAMES[entry.kind]} ${entry.id}: ${entry.name}` }, entry.name),
  h('span', { className: 'tree-note dim' }, { loading: 'Loading …', failed: '', unknown: images, ready: images }[status]),
  status === 'failed' && h('span', { role: 'alert', className: 'warning' }, message));
}
