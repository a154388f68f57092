/** The list of confused classes, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfusionWorklist } from '../../explorer/assets/page/worklists/confusion_worklist.mjs';
import { OpenCell } from '../../explorer/assets/page/worklists/open_cell.mjs';

const CELL = { given: '3', neighborhood: '5', count: 1, ids: ['a'] };
const settled = () => new Promise((resolve) => { setImmediate(resolve); });

/** @returns {Promise<any>} a list that is loaded, which cell is open, and what was asked for */
async function openList() {
  const asked = [];
  const openCell = new OpenCell('');
  const get = async (path) => {
    asked.push(path);
    return { cells: [CELL], points: [{ id: 'a', class_name: '3' }], suspects: [] };
  };
  const worklist = new ConfusionWorklist({ openCell, api: { collection: 'digits', get }, collection: { name: 'digits' } });
  worklist.open();
  await settled();
  return { worklist, openCell, asked };
}

test('ConfusionWorklist: the points of the cell that is opened are listed', async () => {
  const { worklist, openCell, asked } = await openList();
  openCell.show(CELL);
  await settled();
  assert.deepEqual([worklist.state.open, worklist.cards.state.cards.length], [CELL, 1]);
  assert.deepEqual(asked, ['/confusion', '/points', '/suspects']);
});

test('ConfusionWorklist: a list that was closed follows no cell', async () => {
  const { worklist, openCell, asked } = await openList();
  worklist.close();
  openCell.show(CELL);
  await settled();
  assert.deepEqual([asked, worklist.state.open, openCell.listeners.size], [['/confusion'], null, 0]);
});
