import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CollectionApi } from '../../explorer/assets/page/worklists/collection_api.mjs';
import { exportText } from '../../explorer/assets/page/worklists/export_table.mjs';

const answer = (status, body) => ({ ok: status < 400, status, json: async () => body });

test('url: names are escaped, lists repeat, what is null is left out', () => {
  const api = new CollectionApi('my set/1', async () => answer(200, {}));
  assert.equal(
    api.url('/points', { ids: ['a', 'b'], limit: 2, offset: null }),
    'api/v1/collections/my%20set%2F1/points?ids=a&ids=b&limit=2',
  );
});

test('get: an error has the words of the api', async () => {
  const api = new CollectionApi('c', async () => answer(404, { title: 'Not Found', detail: "no collection 'c'" }));
  await assert.rejects(api.get('/clusters'), new Error("No collection 'c'"));
});

test('get: without an answer it says so', async () => {
  const api = new CollectionApi('c', async () => { throw new TypeError('Failed to fetch'); });
  await assert.rejects(api.get('/clusters'), /The server does not answer/);
});

test('getAllReviews: asks for page after page', async () => {
  const pages = { 0: { reviews: ['a', 'b'], next_offset: 2 }, 2: { reviews: ['c'], next_offset: null } };
  const api = new CollectionApi('c', async (url) => answer(200, pages[new URLSearchParams(url.split('?')[1]).get('offset')]));
  assert.deepEqual(await api.getAllReviews(), ['a', 'b', 'c']);
});

test('finish: asks until the run is over, and tells how far it is', async () => {
  const run = { id: 'r1', state: 'running', stage: 'export', done: 0, total: 9, result: null, error: null };
  const answers = [{ ...run, done: 4 }, { ...run, state: 'succeeded', result: { n_points: 9 } }];
  const [asked, told] = [[], []];
  const api = new CollectionApi('c', async (url) => { asked.push(url); return answer(200, answers.shift()); });
  assert.deepEqual(await api.finish(run, ({ done }) => told.push(done), async () => {}), { n_points: 9 });
  assert.deepEqual([told, new Set(asked)], [[0, 4], new Set(['api/v1/runs/r1'])]);
});

test('finish: a run that failed or was cancelled says why', async () => {
  const api = new CollectionApi('c', async () => answer(200, {}));
  const failed = { id: 'r1', state: 'failed', error: { detail: "cannot write into '/x'" } };
  await assert.rejects(api.finish(failed, () => {}, async () => {}), new Error("Cannot write into '/x'"));
});

const POINTS = [
  { id: 'a', class_name: 'say "cat"', dataset: 'd', image_name: '1.png', object_key: null, box: [1, 2, 3, 4] },
  { id: 'b', class_name: 'dog', dataset: 'd', image_name: '2.png', object_key: '7', box: null, payload: { tags: ['odd one', 'size=3'] } },
];
const judged = {
  refresh: async () => {},
  state: { ofPoint: new Map([['b', { verdict: 'accept', className: 'fox' }], ['a', { verdict: 'dismiss', className: null }]]) },
};

test('exportText: a table with the accepted class and tags, page by page', async () => {
  const pages = [{ points: [POINTS[0]], next_offset: 1, total: 2 }, { points: [POINTS[1]], next_offset: null, total: 2 }];
  const seen = [];
  const tools = { judged, api: { post: async (_path, { offset }) => pages[offset] } };
  assert.equal(await exportText(tools, 'csv', null, (n) => seen.push(n)), [
    '"id","class_name","accepted_class","dataset","image_name","object_key","left","top","right","bottom","tags"',
    '"a","say ""cat""","","d","1.png","","1","2","3","4",""',
    '"b","dog","fox","d","2.png","7","","","","","[""odd one"",""size=3""]"',
    '',
  ].join('\n'));
  assert.deepEqual(seen, [1, 2]);
});

test('exportText: ids of a selection need no question', async () => {
  assert.equal(await exportText({ judged, api: {} }, 'ids', ['a', 'b'], () => {}), 'a\nb\n');
});

test('get: lists hold what the page filters for, in the body as names may be long', async () => {
  const sent = [];
  const send = async (url, init) => { sent.push([url, init && JSON.parse(init.body)]); return answer(200, {}); };
  const api = new CollectionApi('c', send, () => ({ class_name: ['cat'], score_from: 0.9 }));
  await api.get('/outliers', { limit: 5 });
  await api.get('/reviews');
  assert.deepEqual(sent, [
    ['api/v1/collections/c/outliers', { class_name: ['cat'], score_from: 0.9, limit: 5 }],
    ['api/v1/collections/c/reviews', undefined],
  ]);
});

test('get: without a filter lists are asked by their address', async () => {
  const sent = [];
  const api = new CollectionApi('c', async (url) => { sent.push(url); return answer(200, {}); });
  await api.get('/outliers', { limit: 5 });
  assert.deepEqual(sent, ['api/v1/collections/c/outliers?limit=5']);
});

test('exportText: what the filter leaves', async () => {
  const asked = [];
  const page = { points: [POINTS[1]], next_offset: null, total: 1 };
  const tools = { judged, api: { post: async (path, body) => { asked.push([path, body]); return page; } } };
  assert.equal(await exportText(tools, 'ids', null, () => {}, { class_name: ['dog'] }), 'b\n');
  assert.deepEqual(asked, [['/points', { class_name: ['dog'], offset: 0, limit: 1000 }]]);
});
