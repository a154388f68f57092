/** The page of the suspects in the address, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ReviewQueue } from '../../explorer/assets/page/review_queue.mjs';
import { SuspectPage } from '../../explorer/assets/page/worklists/suspect_page.mjs';
import { SuspectWorklist } from '../../explorer/assets/page/worklists/suspect_worklist.mjs';

const CATS = { class_name: ['cat'] };

/** @returns {SuspectWorklist} three pages, one of cats */
function makeList(address) {
  const nothing = { load: () => [], save() {}, remove() {} };
  const queue = new ReviewQueue({ send() {}, store: nothing, newKey: () => 'key', who: () => 'Ann', onChange() {} });
  const get = async (_path, { offset }) => {
    address.asked.push([offset, address.filter]);
    return { suspects: [], n_ranked: 500, n_suspects: 72, n_matching: address.filter === CATS ? 24 : address.nMatching, why_empty: null, review_revision: 'r' };
  };
  return new SuspectWorklist({ queue, who: () => 'Ann', say() {}, api: { conditions: () => address.filter, get } });
}

const settle = () => new Promise((resolve) => { setTimeout(resolve); });

/** @param {string} search */
async function makePage(search) {
  const address = { search, filter: {}, nMatching: 72, asked: [], written: [] };
  const page = new SuspectPage(() => address.search, ({ page: number }, { isStep }) => address.written.push([number, isStep]));
  const list = makeList(address);
  page.follow(list);
  list.open();
  await settle();
  return { page, list, address };
}

/** The page's filter is another one. */
async function narrow(list, address, filter) {
  address.filter = filter;
  list.forget();
  list.open();
  await settle();
}

async function turn(list) {
  list.turn(1);
  await settle();
}

test('follow: the list begins at the page of the address, another one at its first page', async () => {
  const { page, list, address } = await makePage('?page=2&class=a');
  assert.equal(list.pageNumber, 2);
  assert.deepEqual([address.written, address.asked], [[], [[24, {}]]]);
  const other = makeList(address);
  page.follow(other);
  assert.equal(other.pageNumber, 1);
  assert.deepEqual(address.written, [[null, false]]);
});

test('follow: what is no page is the first one', async () => {
  for (const search of ['', '?page=0', '?page=-3', '?page=1.5', '?page=two', '?page=1e99']) assert.equal((await makePage(search)).list.pageNumber, 1, search);
});

test('follow: a page behind the last one is the last one, which is no step', async () => {
  const { list, address } = await makePage('?page=9');
  await settle();
  assert.deepEqual([list.pageNumber, list.isTurning, address.written], [3, false, [['3', false]]]);
});

test('a page that is turned is a step, a list under another filter and a last page that is gone are none', async () => {
  const { list, address } = await makePage('');
  await turn(list);
  await turn(list);
  await narrow(list, address, CATS);
  await narrow(list, address, {});
  await turn(list);
  address.nMatching = 24; // the others were judged away
  await list.refresh();
  await settle();
  assert.deepEqual(address.written, [['2', true], ['3', true], [null, false], ['2', true], [null, false]]);
});

test('adopt: Back shows the page of the address under its filter, and writes nothing', async () => {
  const { page, list, address } = await makePage('');
  await turn(list);
  await narrow(list, address, CATS);
  Object.assign(address, { search: '?page=2', filter: {}, asked: [], written: [] });
  page.adopt();
  assert.deepEqual([list.pageNumber, list.nPages, list.isTurning], [2, 2, true]);
  await settle();
  assert.deepEqual([list.pageNumber, list.nPages, list.isNarrowed, list.isTurning], [2, 3, false, false]);
  assert.deepEqual([address.asked, address.written], [[[24, {}]], []]);
});

test('adopt: the page that is shown is not asked for again', async () => {
  const { page, address } = await makePage('?page=2');
  address.asked = [];
  page.adopt();
  assert.deepEqual([address.asked, address.written], [[], []]);
});
