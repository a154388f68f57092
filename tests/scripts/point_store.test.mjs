import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PointStore } from '../../explorer/assets/page/point/point_store.mjs';

const settle = () => new Promise((done) => { setTimeout(done); });
const point = (id, payload = {}) => ({ id, class_name: 'cat', payload });

/** An answer whose body is read once, as a browser's is. */
function response(status, body) {
  let isRead = false;
  const json = async () => { assert.equal(isRead, false, 'the body was read before'); isRead = true; return body; };
  return { ok: status < 400, status, json, clone: () => { assert.equal(isRead, false, 'the body was read before'); return response(status, body); } };
}

/** A store whose answers are given by hand, by what their addresses contain. */
function makeStore() {
  const seen = { urls: [], answers: [] };
  const store = new PointStore((url) => {
    seen.urls.push(url);
    return new Promise((give) => { seen.answers.push([url, (body, status = 200) => give(response(status, body))]); });
  });
  const answer = async (part, body, status) => {
    const place = seen.answers.findIndex(([url]) => url.includes(part));
    assert.notEqual(place, -1, `nobody asked for ${part}`);
    const [[, give]] = seen.answers.splice(place, 1);
    give(body, status);
    await settle();
  };
  return { store, seen, answer };
}

test('look: the point comes first, then whether it is a suspect', async () => {
  const { store, seen, answer } = makeStore();
  store.openCollection('my pets');
  store.look('a');
  assert.deepEqual(seen.urls.sort(), ['api/v1/collections/my%20pets/points/a', 'api/v1/collections/my%20pets/suspects?limit=1&ids=a']);
  await answer('/points/a', point('a'));
  assert.deepEqual([store.state.point.id, store.state.suspect, store.state.isAsking], ['a', undefined, true]);
  await answer('/suspects', { suspects: [{ suggested_class: 'dog', reason: 'all are dog' }] });
  assert.deepEqual([store.state.suspect.suggested_class, store.state.isAsking], ['dog', false]);
});

test('look: a point that is no suspect, or of which none can be told, is judged without a suggestion', async () => {
  const { store, answer } = makeStore();
  store.openCollection('pets');
  for (const [body, status] of [[{ suspects: [] }, 200], [{ detail: 'too small' }, 409]]) {
    store.look('a');
    await answer('/points/a', point('a'));
    await answer('/suspects', body, status);
    assert.deepEqual([store.state.suspect, store.state.fault], [null, '']);
  }
});

test('look: the answer to an older choice is dropped', async () => {
  const { store, answer } = makeStore();
  store.openCollection('pets');
  store.look('a');
  store.look('b');
  await answer('/points/b', point('b'));
  await answer('/points/a', point('a'));
  assert.equal(store.state.point.id, 'b');
  store.look(null);
  await answer('ids=b', { suspects: [{ suggested_class: 'dog', reason: '' }] });
  assert.deepEqual([store.state.id, store.state.point, store.state.suspect], [null, null, undefined]);
});

test('look: before the collection is known it waits', () => {
  const { store, seen } = makeStore();
  store.look('a');
  assert.deepEqual(seen.urls, []);
  store.openCollection('pets');
  assert.equal(seen.urls.length, 2);
  store.openCollection('cars');
  assert.equal(store.state.id, null);
});

test('askAgain: what was known of the suspect stays in view meanwhile', async () => {
  const { store, answer } = makeStore();
  store.openCollection('pets');
  store.look('a');
  await answer('/points/a', point('a'));
  await answer('/suspects', { suspects: [{ suggested_class: 'dog', reason: '' }] });
  store.askAgain();
  await answer('/points/a', point('a', { review: { id: 'r1' } }));
  assert.deepEqual([store.state.point.payload.review.id, store.state.suspect.suggested_class], ['r1', 'dog']);
});

test('imageUrl: with what is drawn into it', () => {
  const { store } = makeStore();
  store.openCollection('my pets');
  store.look('a');
  assert.equal(store.imageUrl('all', 720), 'api/v1/images/a?collection=my+pets&annotation=all&size=720');
});

test('follow: only verdicts that what is shown does not know of yet have it asked for anew', async () => {
  const { store, seen, answer } = makeStore();
  store.openCollection('pets');
  store.look('a');
  store.follow('r1'); // told while the point is on its way
  await answer('/points/a', point('a'));
  await answer('/suspects', { suspects: [], review_revision: 'r1' });
  assert.equal(seen.urls.length, 2);
  store.follow('r1');
  assert.equal(seen.urls.length, 2);
  store.follow('r2');
  assert.equal(seen.urls.length, 4);
  store.follow('r3');
  await answer('/points/a', point('a'));
  await answer('/suspects', { suspects: [], review_revision: 'r2' });
  assert.equal(seen.urls.length, 6);
  await answer('/points/a', point('a'));
  await answer('/suspects', { suspects: [], review_revision: 'r4' }); // newer than what was told
  assert.equal(seen.urls.length, 6);
});

test('follow: a point that was read before a verdict is asked for anew, also if the suspects know of it', async () => {
  const { store, seen, answer } = makeStore();
  store.follow('r1');
  store.openCollection('pets');
  store.look('a');
  await answer('/points/a', point('a'));
  store.follow('r2'); // between the two answers
  await answer('/suspects', { suspects: [], review_revision: 'r2' });
  assert.equal(seen.urls.length, 4);
});

test('an unknown point is named with what people call its collection, and is no fault to be tried again', async () => {
  const { store, answer } = makeStore();
  store.openCollection('tf_pets', 'My pets');
  store.look('a');
  await answer('/points/a', { detail: "no point 'a' in collection 'tf_pets'", code: 'PointNotFoundError' }, 404);
  assert.deepEqual([store.state.fault, store.state.isUnknown], ["There is no point 'a' in 'My pets'. It may have been deleted.", true]);
  store.look('b');
  assert.deepEqual([store.state.fault, store.state.isUnknown], ['', false]);
  await answer('/points/b', { detail: 'the disk is full' }, 500);
  assert.deepEqual([store.state.fault, store.state.isUnknown], ['The disk is full', false]);
});

/** A store that looks at a, is done with it, and has asked ahead for b. */
async function lookAhead() {
  const made = makeStore();
  const { store, seen, answer } = made;
  store.openCollection('pets');
  store.look('a');
  await answer('/points/a', point('a'));
  await answer('/suspects', { suspects: [], review_revision: 'r1' });
  store.askAhead('b');
  await answer('/points/b', point('b'));
  await answer('ids=b', { suspects: [{ suggested_class: 'dog', reason: '' }], review_revision: 'r1' });
  seen.urls.length = 0;
  return made;
}

test('look: a point that was asked for ahead is there without a question', async () => {
  const { store, seen } = await lookAhead();
  store.look('b');
  await settle();
  assert.deepEqual([store.state.point.id, store.state.suspect.suggested_class, store.state.isAsking, seen.urls], ['b', 'dog', false, []]);
});

test('look: another point than that, and one that was judged or written meanwhile, is asked for', async () => {
  const changes = [(store) => store.look('c'), (store) => store.follow('r2'), (store) => store.openCollection('pets')];
  for (const [place, change] of changes.entries()) {
    const { store, seen } = await lookAhead();
    change(store);
    seen.urls.length = 0;
    store.look(place === 0 ? 'd' : 'b');
    assert.equal(seen.urls.length, 2);
  }
});

test('askAhead: tells the point that comes next, and leaves its answer to the one who looks at it', async () => {
  const { store, seen, answer } = makeStore();
  store.openCollection('pets');
  const ahead = store.askAhead('b');
  store.look('b'); // takes what is on its way
  await answer('/points/b', point('b', { box: [1, 2, 3, 4] }));
  assert.deepEqual([(await ahead).payload.box, store.state.point.id, seen.urls.length], [[1, 2, 3, 4], 'b', 2]);
});

test('askAhead: tells no point if there is no answer, or if another collection was opened meanwhile', async () => {
  const { store, answer } = makeStore();
  store.openCollection('pets');
  const failed = store.askAhead('b');
  await answer('/points/b', { detail: 'the disk is full' }, 500);
  assert.equal(await failed, null);
  const late = store.askAhead('c');
  store.openCollection('cars');
  await answer('/points/c', point('c'));
  assert.equal(await late, null);
});
