import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EarlyAnswers } from '../../explorer/assets/page/early.mjs';

const FIRST = 'api/v1/collections/cats/suspects?limit=24&offset=0';

const MAPS = 'api/v1/collections/cats/projections';

/** Answers every address; keeps what was asked. */
function server(names, maps = []) {
  const asked = [];
  const send = async (url) => {
    asked.push(url);
    if (names === null) throw new TypeError('failed to fetch');
    if (url.endsWith('/projections')) return { url, json: async () => maps };
    return { url, json: async () => names.map((name) => (typeof name === 'string' ? { name } : name)) };
  };
  return { asked, send };
}

for (const [wanted, name] of [[null, 'cats'], ['dogs', 'dogs'], ['unknown', 'cats']]) {
  test(`EarlyAnswers: ${wanted ?? 'nothing'} in the address opens ${name}`, async () => {
    assert.equal(await new EarlyAnswers(server(['dogs', 'cats']).send, wanted ? `?collection=${wanted}` : '').name, name);
  });
}

test('EarlyAnswers: the first collection is that of the header, which lists them by the names that are shown', async () => {
  const listed = [{ name: 'a', display_name: 'shoes 10' }, { name: 'b', display_name: 'shoes 9' }];
  assert.equal(await new EarlyAnswers(server(listed).send, '').name, 'b');
});

test('fetch: the list that was asked for early serves the first one who asks for it', async () => {
  const { asked, send } = server(['cats']);
  const early = new EarlyAnswers(send, '');
  await early.name;
  assert.deepEqual(asked, ['api/v1/collections', FIRST, MAPS]);
  assert.equal((await early.fetch(FIRST)).url, FIRST);
  assert.equal(asked.length, 3);
  await early.fetch(FIRST);
  assert.equal(asked.length, 4);
});

test('fetch: an early question that failed is asked again', async () => {
  const { send } = server(['cats']);
  let fails = true;
  const early = new EarlyAnswers((url) => (fails && url === FIRST ? Promise.reject(new Error('lost')) : send(url)), '');
  await early.name;
  fails = false;
  assert.equal((await early.fetch(FIRST)).url, FIRST);
});

test('EarlyAnswers: no collection, or no server, has no name', async () => {
  assert.equal(await new EarlyAnswers(server([]).send, '').name, null);
  assert.equal(await new EarlyAnswers(server(null).send, '').name, null);
});

test('EarlyAnswers: what a filter leaves is not asked for, because the collection may not have what it names', async () => {
  const { asked, send } = server(['cats']);
  assert.equal(await new EarlyAnswers(send, '?class=cow').name, null);
  assert.deepEqual(asked, []);
});

for (const [link, id] of [['', 'b'], ['?projection=a', 'a'], ['?projection=gone', 'b']]) {
  test(`take: the map of '${link}' was asked for early, and is given once`, async () => {
    const { asked, send } = server(['cats'], [{ id: 'b', version: '2-x' }, { id: 'a', version: '2-x' }]);
    const early = new EarlyAnswers(send, link);
    await early.name;
    await new Promise(setImmediate);
    const url = `${MAPS}/${id}/map?v=2-x`;
    assert.equal(asked.at(-1), url);
    assert.equal((await early.take(url)).url, url);
    assert.equal(early.take(url), null);
    assert.equal(asked.length, 4);
  });
}

test('fetch: what the page asked for before is neither asked early nor served later', async () => {
  const urls = [];
  let tell;
  const listed = new Promise((done) => { tell = done; });
  const send = (url) => {
    urls.push(url);
    const body = url.endsWith('/collections') ? listed : Promise.resolve([]);
    return Promise.resolve({ ok: true, json: () => body, number: urls.length });
  };
  const early = new EarlyAnswers(send, '');
  const url = 'api/v1/collections/pets/suspects?limit=24&offset=0';
  const first = await early.fetch(url);
  tell([{ name: 'pets' }]);
  await early.name;
  assert.equal(urls.filter((one) => one === url).length, 1);
  const nBefore = urls.length;
  assert.equal((await early.fetch(url)).number, nBefore + 1);
  assert.ok(first.number <= nBefore);
});
