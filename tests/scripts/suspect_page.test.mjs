/** The page of the suspects in the address, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SuspectPage } from '../../explorer/assets/page/worklists/suspect_page.mjs';

/** A list of three pages that turns as the one of the page does. */
class List {
  constructor() {
    Object.assign(this, { pageNumber: 1, nPages: 3, filter: '{}', wantedFilter: '{}', isTurning: false, listeners: [] });
  }

  subscribe(listener) {
    this.listeners.push(listener);
  }

  /** @param {object} where */
  startOver(where) {
    Object.assign(this, where, { isTurning: true });
    for (const listener of this.listeners) listener();
  }

  turn(direction) {
    if (this.pageNumber + direction <= this.nPages) this.startOver({ pageNumber: this.pageNumber + direction });
  }
}

/** @param {string} search */
function makePage(search) {
  const address = { search, written: [] };
  const page = new SuspectPage(() => address.search, ({ page: number }, { isStep }) => address.written.push([number, isStep]));
  const list = new List();
  page.follow(list);
  return { page, list, address };
}

test('follow: the list begins at the page of the address, another one at its first page', () => {
  const { page, list, address } = makePage('?page=2&class=a');
  assert.equal(list.pageNumber, 2);
  assert.deepEqual(address.written, []);
  const other = new List();
  page.follow(other);
  assert.equal(other.pageNumber, 1);
  assert.deepEqual(address.written, [[null, false]]);
});

test('follow: what is no page is the first one', () => {
  for (const search of ['', '?page=0', '?page=-3', '?page=1.5', '?page=two', '?page=1e99']) assert.equal(makePage(search).list.pageNumber, 1, search);
});

test('a page that is turned is a step, a list under another filter and a last page that is gone are none', () => {
  const { list, address } = makePage('');
  list.turn(1);
  list.turn(1);
  list.startOver({ filter: '{"class_name":["a"]}', pageNumber: 1 });
  list.turn(1);
  list.isTurning = false;
  list.pageNumber = 1;
  list.listeners[0]();
  assert.deepEqual(address.written, [['2', true], ['3', true], [null, false], ['2', true], [null, false]]);
});

test('adopt: Back shows the page of the address under its filter, and writes nothing', () => {
  const { page, list, address } = makePage('');
  list.turn(1);
  list.startOver({ filter: '{"class_name":["a"]}', pageNumber: 1, nPages: 1 });
  address.written = [];
  address.search = '?page=2';
  list.wantedFilter = '{}';
  page.adopt();
  assert.deepEqual([list.pageNumber, list.filter, address.written], [2, '{}', []]);
});
