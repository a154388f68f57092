import assert from 'node:assert/strict';
import test from 'node:test';

import { GalleryList, PAGE } from '../../explorer/assets/page/views/gallery_list.mjs';

const TOTAL = 100_000;
const listed = (place) => ({ id: `p${place}`, class_name: 'cat', suggested_class: place % 2 ? 'dog' : null });

function make({ total = TOTAL } = {}) {
  const asked = [];
  const judged = [];
  const said = [];
  const tools = {
    judge: (verdict, points, className) => judged.push([verdict, points.map(({ id }) => id), className]),
    say: (text) => said.push(text), look: () => {}, undoLast: () => judged.push('undo'),
  };
  const load = async (offset, limit) => {
    asked.push(offset);
    const n = Math.min(limit, total - offset);
    return { points: Array.from({ length: n }, (_, place) => listed(offset + place)), total, whyEmpty: null };
  };
  return { list: new GalleryList(tools, load), asked, judged, said };
}

test('need: loads only the pages in view, each once', async () => {
  const { list, asked } = make();
  await list.reload();
  assert.equal(list.count, TOTAL);
  await list.need(50_000, 50_300);
  await list.need(50_000, 50_300);
  assert.deepEqual(asked, [0, 50_000, 50_200]);
  assert.equal(list.cards[50_123].id, 'p50123');
  assert.equal(list.cards[49_999], undefined);
});

test('goTo: the end of a long list is one step away', async () => {
  const { list, asked } = make();
  await list.reload();
  await list.goTo(Infinity);
  assert.equal(list.state.current, `p${TOTAL - 1}`);
  assert.deepEqual(asked, [0, TOTAL - PAGE]);
});

test('key: arrows go along lines and between them', async () => {
  const { list } = make();
  await list.reload();
  list.nColumns = 8;
  for (const [key, place] of [['ArrowDown', 0], ['ArrowDown', 8], ['ArrowRight', 9], ['ArrowUp', 1], ['Home', 0], ['ArrowLeft', 0]]) {
    assert.equal(list.key(key), true);
    await new Promise(setImmediate);
    assert.equal(list.state.current, `p${place}`, key);
  }
});

test('mark: a range over what has not arrived is marked whole, and judged by one verdict', async () => {
  const { list, judged } = make();
  await list.reload();
  list.set({ current: 'p10' });
  await list.need(600, 601);
  await list.mark('p600', true);
  assert.equal(list.state.marked.size, 591);
  list.accept('bird');
  assert.equal(judged.length, 1);
  assert.deepEqual([judged[0][0], judged[0][1].length, judged[0][2]], ['accept', 591, 'bird']);
  assert.equal(list.state.marked.size, 0);
});

test('key: Shift and an arrow mark what they pass', async () => {
  const { list } = make();
  await list.reload();
  list.nColumns = 5;
  list.set({ current: 'p2' });
  list.key('ArrowDown', true);
  await new Promise(setImmediate);
  assert.deepEqual([...list.state.marked].sort(), ['p2', 'p3', 'p4', 'p5', 'p6', 'p7']);
});

test('markAll: no more than one verdict takes, and says so', async () => {
  const { list, said } = make();
  await list.reload();
  await list.markAll();
  assert.equal(list.state.marked.size, 10_000);
  assert.match(said[0], /10,000 points at most/);
});

test('reload: what is answered to an older question is dropped', async () => {
  const { list } = make();
  let release;
  const load = list.load;
  list.load = async () => { await new Promise((resolve) => { release = resolve; }); return { points: [listed(9)], total: 1, whyEmpty: null }; };
  const first = list.reload();
  list.load = load;
  await list.reload();
  release();
  await first;
  assert.equal(list.count, TOTAL);
});

test('reload: says what went wrong, and what is missing', async () => {
  const { list } = make();
  list.load = async () => { throw new Error('The server does not answer.'); };
  await list.reload();
  assert.deepEqual([list.state.status, list.state.message], ['failed', 'The server does not answer.']);
  list.load = async () => ({ points: [], total: 0, whyEmpty: 'no point fits the filter' });
  await list.reload();
  assert.deepEqual([list.state.status, list.state.message, list.count], ['ready', 'No point fits the filter.', 0]);
});

test('looked: being told of the same point again moves nobody who walked on', async () => {
  const { list } = make();
  await list.reload();
  list.looked('p3');
  list.walk(1);
  await new Promise(setImmediate);
  list.looked('p3');
  assert.equal(list.state.current, 'p4');
});

/** A list whose pages but the first arrive when `release` says so, the oldest question first. */
async function makeSlow() {
  const made = make();
  await made.list.reload();
  const { load } = made.list;
  const held = [];
  made.list.load = async (offset, limit) => { await new Promise((resolve) => { held.push(resolve); }); return load(offset, limit); };
  const release = async () => { held.shift()(); await new Promise(setImmediate); };
  return { ...made, release };
}

test('goTo: a card that arrives late takes nobody back who went elsewhere', async () => {
  const { list, release } = await makeSlow();
  list.set({ current: 'p5' });
  list.key('End');
  list.key('Home');
  await release();
  assert.equal(list.state.current, 'p0');
  list.set({ current: 'p199' });
  list.walk(1);
  list.set({ current: 'p7' }); // a click
  await release();
  assert.equal(list.state.current, 'p7');
});

test('walk: each key counts, also while cards are on their way', async () => {
  const { list, release } = await makeSlow();
  list.set({ current: 'p199' });
  for (const distance of [1, 1, 1, -1]) list.walk(distance);
  await release();
  assert.equal(list.state.current, 'p201');
});

test('key: a verdict is not given on the card before the one that is on its way', async () => {
  const { list, judged, said, release } = await makeSlow();
  list.set({ current: 'p199' });
  list.key('j');
  for (const key of ['d', ' ']) assert.equal(list.key(key), true);
  assert.deepEqual([judged, list.state.marked.size, said.length], [[], 0, 2]);
  await release();
  list.key('d');
  assert.deepEqual(judged, [['dismiss', ['p200'], null]]);
});

test('mark: a range that arrives late keeps what was marked meanwhile, and where somebody went', async () => {
  const { list, release } = await makeSlow();
  list.set({ current: 'p190' });
  const needed = list.need(200, 300);
  await release();
  await needed;
  list.pages.delete(1); // asked for once more
  const marking = list.mark('p250', true);
  await list.mark('p3');
  await release();
  await marking;
  assert.deepEqual([list.state.marked.size, list.state.marked.has('p3'), list.state.current], [62, true, 'p3']);
});

test('markAll: marks that are taken away meanwhile do not come back, nor go to another list', async () => {
  const { list, release } = await makeSlow();
  for (const leave of [() => list.clear(), () => list.forget()]) {
    const marking = list.markAll();
    leave();
    for (let page = 1; page < 50; page++) await release();
    await marking;
    assert.equal(list.state.marked.size, 0);
    list.pages = new Map([[0, Promise.resolve()]]);
  }
});
