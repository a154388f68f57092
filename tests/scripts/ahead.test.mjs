import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { Ahead } from '../../explorer/assets/page/point/ahead.mjs';
import { Store } from '../../explorer/assets/page/worklists/store.mjs';

let page, asked, pictures;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  [asked, pictures] = [[], []];
  globalThis.Image = class { set src(url) { pictures.push(url); } };
  const similar = new Store({ isAsking: false, fault: '' });
  Object.assign(similar, { askAhead: async () => [{ point: { id: 'near' } }], pictureUrl: (id) => `crop of ${id}` });
  const suspects = { next: { id: 'b', suspect: 'suspect b' }, isAsking: false, examples: { ask: (suspect) => asked.push(suspect) } };
  page = {
    lookedAt: { store: new Store({ isAsking: false, fault: '' }), askAhead: (id) => asked.push(id) },
    similar: { store: similar }, dock: { suspects, active: suspects }, queue: { orders: [] },
  };
  new Ahead(page);
});
afterEach(() => { mock.timers.reset(); });

/** Somebody looks at a point, and it is there. */
async function look() {
  page.lookedAt.store.set({ isAsking: true });
  page.lookedAt.store.set({ isAsking: false });
  mock.timers.tick(200);
  await Promise.resolve();
}

test('the suspect that comes next is asked for, with the pictures of what is similar and examples of both classes', async () => {
  await look();
  await Promise.resolve();
  assert.deepEqual([asked, pictures], [['b', 'suspect b'], ['crop of near']]);
});

test('nothing is asked for ahead of what somebody waits for', async () => {
  page.queue.orders = ['a verdict'];
  await look();
  page.queue.orders = [];
  page.dock.suspects.isAsking = true;
  mock.timers.tick(200);
  assert.deepEqual(asked, []);
  page.dock.suspects.isAsking = false;
  mock.timers.tick(200);
  assert.deepEqual(asked, ['b']);
});

test('nothing is asked for behind the last suspect, or while another list is in view', async () => {
  page.dock.suspects.next = null;
  await look();
  page.dock.suspects.next = { id: 'b' };
  page.dock.active = {};
  await look();
  assert.deepEqual(asked, []);
});

test('nothing is asked for ahead while the server has no answer for what is looked at', async () => {
  for (const { store } of [page.lookedAt, page.similar]) {
    store.set({ fault: 'ask again' });
    await look();
    store.set({ fault: '' });
    mock.timers.reset();
    mock.timers.enable({ apis: ['setTimeout'] });
  }
  assert.deepEqual(asked, []);
});
