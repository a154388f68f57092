import assert from 'node:assert/strict';
import test from 'node:test';

import { TreeState } from '../../explorer/assets/page/supervisely/tree_state.mjs';

const entry = (kind, id, name, more = {}) => ({ kind, id, name, n_images: null, parent_id: null, source: null, ...more });
const LEVELS = {
  'server:0': [entry('team', 1, 'Cars')],
  'team:1': [entry('workspace', 1, 'Day'), entry('workspace', 2, 'Night')],
  'workspace:1': [entry('project', 11, 'streets', { n_images: 60, source: 'supervisely://11' })],
  'workspace:2': [entry('project', 12, 'tunnels', { n_images: 3, source: 'supervisely://12' })],
  'project:11': [
    entry('dataset', 1, 'train', { n_images: 40, source: 'supervisely://11/1' }),
    entry('dataset', 2, 'cam 1', { n_images: 20, parent_id: 1, source: 'supervisely://11/2' }),
  ],
};

/** A tree over `LEVELS`, and what it asked for. */
function treeOf(levels = LEVELS) {
  const asked = [];
  const tree = new TreeState(async (level, id) => {
    asked.push(`${level}:${id}`);
    const found = levels[`${level}:${id}`];
    if (found instanceof Error) throw found;
    return found;
  });
  return { tree, asked, names: () => tree.rows.map(({ node, depth }) => `${'  '.repeat(depth - 1)}${node.entry.name}`) };
}

test('load: opens the only team, and asks for nothing that is not in view', async () => {
  const { tree, asked, names } = treeOf();
  await tree.load();
  assert.deepEqual(names(), ['Cars', '  Day', '  Night']);
  assert.deepEqual(asked, ['server:0', 'team:1']);
});

test('open: asks once, nests data sets, and closing keeps them', async () => {
  const { tree, asked, names } = treeOf();
  await tree.load();
  await tree.open('workspace:1');
  await tree.open('project:11');
  await tree.open('dataset:1');
  assert.deepEqual(names(), ['Cars', '  Day', '    streets', '      train', '        cam 1', '  Night']);
  tree.close('workspace:1');
  assert.deepEqual(names(), ['Cars', '  Day', '  Night']);
  await tree.open('workspace:1');
  assert.equal(asked.filter((one) => one === 'workspace:1').length, 1);
});

test('open: says why it failed, and asks again', async () => {
  const levels = { ...LEVELS, 'workspace:1': new Error('No rights.') };
  const { tree } = treeOf(levels);
  await tree.load();
  await tree.open('workspace:1');
  assert.equal(tree.state.nodes['workspace:1'].message, 'No rights.');
  levels['workspace:1'] = LEVELS['workspace:1'];
  await tree.open('workspace:1');
  assert.equal(tree.state.nodes['workspace:1'].status, 'ready');
});

test('search: finds projects of all workspaces by name or id, with what is above them', async () => {
  const { tree, asked, names } = treeOf();
  await tree.load();
  await tree.search('TUNN');
  assert.deepEqual(names(), ['Cars', '  Night', '    tunnels']);
  await tree.search('11');
  assert.deepEqual(names(), ['Cars', '  Day', '    streets']);
  await tree.search('bicycles');
  assert.deepEqual(names(), []);
  await tree.search('');
  assert.deepEqual(names(), ['Cars', '  Day', '  Night']);
  assert.equal(asked.length, 4);
});

test('choose: gives sources only', async () => {
  const { tree } = treeOf();
  await tree.load();
  await tree.open('workspace:1');
  assert.equal(tree.choose('workspace:1'), null);
  assert.equal(tree.state.chosen, null);
  assert.equal(tree.choose('project:11'), 'supervisely://11');
  assert.equal(tree.state.chosen, 'project:11');
});

test('key: walks along the rows, opens and closes', async () => {
  const { tree } = treeOf();
  await tree.load();
  const press = (...keys) => {
    for (const key of keys) tree.key(key);
    return tree.state.current;
  };
  assert.equal(press('ArrowDown', 'ArrowDown', 'ArrowDown'), 'workspace:2');
  assert.equal(press('Home'), 'team:1');
  assert.equal(press('ArrowRight'), 'workspace:1');
  assert.equal(press('ArrowLeft'), 'team:1');
  press('ArrowLeft');
  assert.equal(tree.rows.length, 1);
  assert.equal(tree.key('x'), false);
});
