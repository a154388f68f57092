/** Which cell of the confused classes is open, without a document. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OpenCell } from '../../explorer/assets/page/worklists/open_cell.mjs';

const address = (store) => new URLSearchParams(Object.entries(store.toLink()).flatMap(([name, values]) => values.map((value) => [name, value]))).toString();

test('OpenCell: the address leads back to it, whatever the classes are called', () => {
  for (const cell of [{ given: '3', neighborhood: '5' }, { given: 'food & drinks/tea=hot', neighborhood: 'a,b' }, { given: '', neighborhood: 'x' }]) {
    const store = new OpenCell('');
    store.show(cell);
    assert.deepEqual(new OpenCell(`?${address(store)}`).state.cell, cell);
  }
});

test('OpenCell: half of a name is no cell, and another collection has other cells', () => {
  assert.equal(new OpenCell('?given=3').state.cell, null);
  const store = new OpenCell('?given=3&among=5');
  store.openCollection('digits');
  assert.deepEqual(store.state.cell, { given: '3', neighborhood: '5' });
  store.openCollection('pets');
  assert.deepEqual([store.state.cell, address(store)], [null, '']);
});

test('OpenCell: tells of a change once', () => {
  const store = new OpenCell('');
  let nTold = 0;
  store.subscribe(() => { nTold += 1; });
  store.show({ given: '3', neighborhood: '5' });
  store.show({ given: '3', neighborhood: '5' });
  store.show(null);
  assert.equal(nTold, 2);
});
