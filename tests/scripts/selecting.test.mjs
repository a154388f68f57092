import assert from 'node:assert/strict';
import test from 'node:test';

import { Selecting } from '../../explorer/assets/page/views/selecting.mjs';

function make(answers = {}) {
  const asked = [];
  const said = [];
  const links = [];
  const shown = [];
  const answer = (method) => async (path, body) => {
    asked.push(body === undefined ? `${method} ${path}` : `${method} ${path} ${JSON.stringify(body)}`);
    const found = answers[`${method} ${path}`];
    if (found instanceof Error) throw found;
    return found ?? [];
  };
  const selecting = new Selecting({ select: (rows) => { shown.push(rows); selecting.selected(rows); }, restore: async (readRows, around) => { const rows = await readRows(); around(() => { shown.push(rows); selecting.selected(rows); }); return rows.length; }, link: (isStep) => links.push([selecting.state.opened, isStep]), tagged: () => said.push('tagged') });
  const tools = {
    api: { get: answer('GET'), post: answer('POST'), delete: answer('DELETE') },
    selectedIds: async () => ['a', 'b'], say: (text) => said.push(text),
    selectOnMap: async (readIds, around) => {
      const ids = await readIds();
      around(() => selecting.selected(ids.map((_, row) => row)));
      return ids.length;
    },
  };
  return { selecting, tools, asked, said, links, shown };
}

test('step: goes back and forth, and a step is none that can be taken back', () => {
  const { selecting, shown } = make();
  selecting.selected([1]);
  selecting.selected([1, 2]);
  selecting.step(-1);
  assert.deepEqual([shown, selecting.state.canUndo, selecting.state.canRedo], [[[1]], true, true]);
  selecting.step(1);
  selecting.step(1);
  assert.deepEqual([shown.at(-1), selecting.state.canRedo], [[1, 2], false]);
});

test('save: is listed, and the address names it until something else is selected', async () => {
  const { selecting, tools, asked, links, said } = make({ 'POST /selections': { name: 'odd', count: 2 } });
  await selecting.open(tools);
  await selecting.save('odd');
  assert.equal(asked.at(-1), 'POST /selections {"name":"odd","ids":["a","b"]}');
  assert.deepEqual([selecting.state.saved, selecting.state.opened, said], [[{ name: 'odd', count: 2 }], 'odd', ["Saved 'odd' with 2 points."]]);
  selecting.selected([5]);
  assert.deepEqual(links, [['odd', false], [null, true]]);
});

test('save: what somebody selects meanwhile has no name', async () => {
  const { selecting, tools, links } = make({ 'POST /selections': { name: 'odd', count: 2 } });
  await selecting.open(tools);
  const saving = selecting.save('odd');
  selecting.selected([5]);
  await saving;
  assert.deepEqual([links, selecting.state.opened, selecting.state.saved], [[[null, true]], null, [{ name: 'odd', count: 2 }]]);
});

test('what is answered about a collection that was closed is told to no other one', async () => {
  const { selecting, tools } = make({ 'POST /selections': { name: 'odd', count: 2 }, 'POST /tags': { n_changed: 1 }, 'GET /tags': [{ name: 'night', count: 1 }] });
  await selecting.open(tools);
  const late = [selecting.save('odd'), selecting.tag('night', async () => ['a'])];
  await selecting.open({ ...tools, api: { get: async () => [] } });
  await Promise.all(late);
  assert.deepEqual([selecting.state.saved, selecting.state.tags, selecting.state.opened], [[], [], null]);
});

test('load: shows a selection by its name, whatever letters it has', async () => {
  const { selecting, tools, asked, links } = make({ 'GET /selections/a%20%2F%20b': { ids: ['x', 'y', 'z'] } });
  await selecting.open(tools);
  await selecting.load('a / b');
  assert.equal(asked.at(-1), 'GET /selections/a%20%2F%20b');
  assert.deepEqual([links, selecting.state.opened, selecting.state.canUndo], [[['a / b', false]], 'a / b', true]);
});

test('load: whatever somebody selects meanwhile stays, and has no name', async () => {
  const { selecting, tools, links } = make({ 'GET /selections/odd': { ids: ['x', 'y'] } });
  await selecting.open(tools);
  tools.selectOnMap = async (readIds) => { await readIds(); selecting.selected([7]); return null; };
  await selecting.load('odd');
  assert.deepEqual([links, selecting.state.opened], [[[null, true]], null]);
});

test('tag: gives and takes away, and says how many', async () => {
  const { selecting, tools, asked, said } = make({ 'POST /tags': { n_changed: 1 }, 'GET /tags': [{ name: 'night', count: 1 }] });
  await selecting.open(tools);
  await selecting.tag(' night ', async () => ['a']);
  await selecting.tag('night', async () => ['a'], false);
  assert.deepEqual(asked.filter((one) => one.startsWith('POST')), ['POST /tags {"ids":["a"],"add":["night"]}', 'POST /tags {"ids":["a"],"remove":["night"]}']);
  assert.deepEqual(said, ["Tagged 1 point 'night'.", 'tagged', "Took the tag 'night' from 1 point.", 'tagged']);
  assert.deepEqual(selecting.state.tags, [{ name: 'night', count: 1 }]);
});

test('what goes wrong is said', async () => {
  const { selecting, tools, said } = make({ 'GET /selections/gone': new Error("Unknown selection 'gone'.") });
  await selecting.open(tools);
  await selecting.load('gone');
  assert.deepEqual([said, selecting.state.opened], [["Unknown selection 'gone'."], null]);
});

test('show: what a link asks for is selected without a step in the address', async () => {
  const { selecting, links, shown } = make();
  await selecting.show(async () => [4, 2]);
  assert.deepEqual([shown, links, selecting.state.opened], [[[4, 2]], [], null]);
});
