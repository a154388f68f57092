import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { ReviewQueue } from '../../explorer/assets/page/review_queue.mjs';
import { judgedAs } from '../../explorer/assets/page/worklists/judged.mjs';
import { SuspectWorklist } from '../../explorer/assets/page/worklists/suspect_worklist.mjs';

let list, queue, ranking, requests, looked, answers, filter;

const suspect = (id, group = []) => ({
  id, class_name: 'cat', suggested_class: 'dog', dataset: 'pets', image_name: `${id}.png`, score: 0.9, reason: `why ${id}`,
  evidence: [], group, review: null,
});

/** What the api says of a request, from the ranking as it is now. */
function answer({ limit, offset = 0, ids }) {
  const found = ranking.filter((one) => (!ids || one.id === ids) && (!filter.class_name || filter.class_name.includes(one.class_name)));
  return { suspects: found.slice(offset, offset + limit), n_ranked: 500, n_suspects: ranking.length, n_matching: found.length, why_empty: null, review_revision: `r${requests.length}` };
}

/** Judges as the dock does. */
function judge(verdict, points, className) {
  const given = queue.judge(verdict, judgedAs('set', points, new Map()), className);
  if (given) list.gave(given, true);
}

const letters = (n) => Array.from({ length: n }, (_, place) => `p${String(place).padStart(2, '0')}`);
const shown = () => list.state.cards.map(({ id }) => id);
const settle = () => new Promise((resolve) => { setTimeout(resolve); });
const press = (...keys) => keys.forEach((key) => list.key(key));

/** The first order is carried out, and its points leave the ranking. */
async function record() {
  const { id, group, verdict, undone } = queue.orders[0];
  const ids = group ?? [id];
  if (verdict && verdict !== 'skip') ranking = ranking.filter((one) => !ids.includes(one.id));
  const review = { id: `review-${id}`, point_id: id };
  queue.done(undone ? { takenBack: { undone: review, standing: null } } : { made: ids.map((one) => ({ id: `review-${one}`, point_id: one })) });
  list.arrange();
}

beforeEach(async () => {
  [requests, looked, answers, filter] = [[], [], null, {}];
  ranking = letters(50).map((id) => suspect(id));
  queue = new ReviewQueue({
    send() {}, store: { load: () => [], save() {}, remove() {} }, newKey: () => `key-${Math.random()}`, who: () => 'Ann', onChange() {},
  });
  queue.open('set');
  list = new SuspectWorklist({
    queue, judge, who: () => 'Ann', say() {},
    undoLast: () => { for (const given of queue.undoLastBatch('set')) list.tookBack(given); },
    look: (id) => { looked.push(id); list.looked(id); },
    isLookedAt: (id) => looked.at(-1) === id,
    api: {
      conditions: () => filter,
      get: (_path, query) => {
        requests.push(query);
        return answers ? new Promise((resolve) => { answers.push(resolve); }) : Promise.resolve(answer(query));
      },
      post: async () => ({ neighbors: [] }),
    },
  });
  list.open();
  await settle();
});

test('open: the first page with its numbers, and how many pages there are', () => {
  assert.deepEqual([shown().length, list.state.cards[2].rank, list.nPages, list.count], [24, '#3', 3, 50]);
});

test('key: after a verdict the page is whole before the server has answered, and ends where pages end', () => {
  answers = [];
  press('j', 'd', 'd', 'a');
  assert.deepEqual([shown().length, shown()[0], shown().at(-1), list.state.current], [24, 'p03', 'p26', 'p03']);
  press('u');
  assert.deepEqual([shown().length, shown()[0], shown().at(-1)], [24, 'p02', 'p25']);
});

test('key: j and k look at each card and go over the pages', async () => {
  press('j', 'j', 'k');
  assert.deepEqual(looked, ['p00', 'p01', 'p00']);
  press('k');
  assert.equal(requests.length, 1);
  list.lookAt('p23');
  press('j');
  await settle();
  assert.deepEqual([list.pageNumber, list.state.current], [2, 'p24']);
  press('k');
  await settle();
  assert.deepEqual([list.pageNumber, list.state.current], [1, 'p23']);
});

test('key: a verdict hides its card and looks at the next one before it is recorded', async () => {
  press('j', 'a', 'd');
  assert.deepEqual(queue.orders.map(({ id, verdict, className }) => [id, verdict, className]), [['p00', 'accept', 'dog'], ['p01', 'dismiss', null]]);
  assert.deepEqual([shown()[0], list.state.current], ['p02', 'p02']);
  await record();
  await record();
  list.follow('r-new');
  await settle();
  assert.deepEqual([shown()[0], shown().length, list.state.current, queue.gone.size], ['p02', 24, 'p02', 0]);
});

test('key: without a card a verdict key only goes to the first one', () => {
  press('d');
  assert.deepEqual([looked, queue.orders], [['p00'], []]);
});

test('key: what is not looked at is not judged but looked at', () => {
  press('j');
  looked.push('somewhere else');
  press('d');
  assert.deepEqual([looked.at(-1), queue.orders], ['p00', []]);
});

test('key: s leaves the card where it is and says who left it', async () => {
  press('j', 's');
  assert.deepEqual([shown()[0], list.state.cards[0].skippedBy, list.state.current], ['p00', 'Ann', 'p01']);
  await record();
  assert.equal(list.state.cards[0].skippedBy, 'Ann');
  press('u');
  assert.equal(list.state.cards[0].skippedBy, null);
});

test('key: u shows the card again before the answer is there, also if the list was written without it', async () => {
  press('j', 'd');
  await record();
  list.follow('r-new');
  await settle();
  assert.equal(shown().includes('p00'), false);
  press('u');
  assert.deepEqual([shown()[0], list.state.current], ['p00', 'p00']);
  ranking.unshift(suspect('p00'));
  await record();
  assert.equal(shown()[0], 'p00');
  list.follow('r-newer');
  await settle();
  assert.deepEqual([shown().slice(0, 2), list.standIns], [['p00', 'p01'], []]);
});

test('key: u keeps the card if a list arrives that was asked for before the undo was recorded', async () => {
  press('j', 'd');
  await record();
  await list.refresh(); // without the card
  answers = [];
  press('u');
  const [first] = queue.undone[0].ids;
  const asked = list.refresh();
  await record();
  answers[0](answer(requests.at(-1)));
  await asked;
  assert.equal(shown()[0], first);
  assert.equal(list.state.current, first);
});

test('key: u keeps the card if a list arrives that was asked for before it', async () => {
  press('j', 'd');
  await record();
  answers = [];
  const asked = list.refresh(); // will lack the card
  const late = answer(requests.at(-1));
  press('u');
  assert.equal(shown()[0], 'p00');
  answers[0](late);
  await asked;
  assert.deepEqual([shown().slice(0, 2), list.state.current, list.progress.total], [['p00', 'p01'], 'p00', 50]);
  press('d');
  assert.equal(shown()[0], 'p01');
});

test('accept: marked cards are one entry, and move on to what comes after them', () => {
  press('j', ' ', 'j', ' ', 'a');
  assert.deepEqual(queue.orders.map(({ id, group, className }) => [id, group, className]), [['p00', ['p00', 'p01'], 'dog']]);
  assert.deepEqual([shown()[0], list.state.current, list.state.marked.size], ['p02', 'p02', 0]);
});

test('accept: a group is one card and one verdict on all of it', async () => {
  ranking[0] = suspect('p00', ['p00', 'g1', 'g2']);
  list.follow('r-new');
  await settle();
  press('j', 'a');
  assert.deepEqual(queue.orders[0].group, ['p00', 'g1', 'g2']);
  assert.deepEqual(queue.orders[0].seen.g2, { className: 'cat', review: null });
});

test('follow: what is known already is not asked for again', async () => {
  list.follow('r1');
  list.follow('r2');
  list.follow('r2');
  assert.equal(requests.length, 2);
});

test('follow: another order keeps the current card, and a card that somebody else judged leaves its place', async () => {
  list.lookAt('p02');
  ranking = [ranking[2], ranking[1], ...ranking.slice(3)];
  list.follow('r-new');
  await settle();
  assert.deepEqual([shown().slice(0, 3), list.state.current], [['p02', 'p01', 'p03'], 'p02']);
  ranking = ranking.filter(({ id }) => id !== 'p02');
  list.follow('r-newer');
  await settle();
  assert.deepEqual([list.state.current, looked.length], [null, 1]);
  press('j');
  assert.equal(looked.at(-1), 'p01');
});

test('follow: what is looked at stays where it is if others rank above it, until another is looked at', async () => {
  for (const last of [30, 50]) { // among those that come next, and behind them
    list.lookAt('p02');
    const one = ranking.find(({ id }) => id === 'p02');
    const rest = ranking.filter(({ id }) => id !== 'p02');
    ranking = [...rest.slice(0, last), one, ...rest.slice(last)];
    list.follow(`r-${last}`);
    await settle();
    assert.deepEqual([shown()[2], list.state.current], ['p02', 'p02']);
    press('d');
    assert.deepEqual([queue.orders.at(-1).id, shown().includes('p02'), list.state.current], ['p02', false, 'p03']);
    press('u');
    list.lookAt('p03');
    list.follow(`r-${last}-b`);
    await settle();
    ranking = letters(50).map((id) => suspect(id));
    list.follow(`r-${last}-c`);
    await settle();
  }
});

test('follow: an older answer that arrives later is dropped', async () => {
  answers = [];
  list.follow('r-a');
  list.follow('r-b');
  const [older, newer] = answers;
  newer({ ...answer(requests[0]), suspects: [suspect('new')] });
  older({ ...answer(requests[0]), suspects: [suspect('old')] });
  await settle();
  assert.deepEqual(shown(), ['new']);
});

test('follow: a list that cannot be asked for anew stays, and is asked for again', async () => {
  const { get } = list.tools.api;
  list.tools.api.get = async () => { throw new Error('The server does not answer.'); };
  list.follow('r-new');
  await settle();
  assert.deepEqual([list.state.status, shown().length], ['ready', 24]);
  list.tools.api.get = get;
  list.follow('r-new');
  await settle();
  assert.equal(requests.length, 2);
});

test('refresh: the first list that fails says so', async () => {
  list = new SuspectWorklist({ ...list.tools, api: { ...list.tools.api, get: async () => { throw new Error('The server does not answer.'); } } });
  list.open();
  await settle();
  assert.deepEqual([list.state.status, list.state.message], ['failed', 'The server does not answer.']);
});

test('open: another filter of the page starts at its first page and says how many there are without it', async () => {
  ranking[0].class_name = 'cow';
  list.turn(1);
  await settle();
  filter = { class_name: ['cow'] };
  list.forget();
  list.open();
  assert.deepEqual([list.isTurning, list.state.current], [true, null]);
  await settle();
  assert.deepEqual(requests.at(-1), { limit: 36, offset: 0 });
  assert.deepEqual([shown(), list.isNarrowed, list.nMatching, list.nSuspects], [['p00'], true, 1, 50]);
});

test('adopt: a page that is not known yet is shown under the filter of now, and nothing of the one before is left', async () => {
  ranking[0].class_name = 'cow';
  filter = { class_name: ['cow'] };
  list.forget();
  list.open();
  await settle();
  press('j');
  filter = {};
  list.adopt(3);
  assert.deepEqual([list.isTurning, list.state.current, list.nPages, list.isNarrowed], [true, null, 3, false]);
  await settle();
  assert.deepEqual([requests.at(-1), shown(), list.state.cards[0].rank], [{ limit: 36, offset: 48 }, ['p48', 'p49'], '#49']);
});

test('progress: a verdict under another filter is none of this list', async () => {
  press('j', 'd');
  await record();
  filter = { class_name: ['cat'] };
  list.forget();
  list.open();
  await settle();
  assert.deepEqual([list.progress.nJudged, list.progress.total], [0, 49]);
});

test('refresh: the page before is shown if the last one was judged away', async () => {
  ranking = ranking.slice(0, 25);
  list.turn(1);
  await settle();
  press('j', 'd');
  await record();
  list.follow('r-new');
  await settle();
  assert.deepEqual([list.pageNumber, shown().length], [1, 24]);
});

test('progress: counts what was judged here, and gives it back', async () => {
  press('j');
  assert.deepEqual(list.progress, { number: 1, total: 50, nJudged: 0 });
  press('d', 'a');
  assert.deepEqual(list.progress, { number: 3, total: 50, nJudged: 2 });
  await record();
  list.follow('r-new');
  await settle();
  assert.deepEqual(list.progress, { number: 3, total: 50, nJudged: 2 });
  press('u', 'u');
  assert.deepEqual(list.progress, { number: 1, total: 50, nJudged: 0 });
});

test('gave: what has risen above the card at work comes next, but not what was passed over', async () => {
  list.lookAt('p03');
  press('d');
  assert.equal(list.state.current, 'p04'); // p00 to p02 were passed over
  ranking = [suspect('risen'), ...ranking];
  await record();
  list.follow('r-new');
  await settle();
  assert.equal(list.state.current, 'p04');
  press('d');
  assert.equal(list.state.current, 'risen');
  press('d');
  assert.equal(list.state.current, 'p05');
});

test('next: what comes after the card that is looked at, and nothing behind the last one', () => {
  assert.equal(list.next, null);
  press('j');
  assert.equal(list.next.id, 'p01');
  list.looked(shown().at(-1));
  assert.equal(list.next, null);
});

test('isAsking: until the list is there that was asked for last, also if it cannot be had', async () => {
  answers = [];
  const asked = [list.refresh(), list.refresh()];
  answers[0](answer(requests[0]));
  await settle();
  assert.equal(list.isAsking, true);
  answers[1](null);
  await Promise.all(asked);
  assert.deepEqual([list.isAsking, list.isOutdated], [false, true]);
});

test('walk: the next page takes nobody from a point that was chosen meanwhile', async () => {
  list.lookAt('p23');
  for (const choose of [() => list.looked('a dot of the map'), () => list.awaitNone(), () => list.looked(null)]) {
    press('j');
    choose();
    await settle();
    assert.deepEqual([list.state.cards[0].id, list.state.current, looked], ['p24', null, ['p23']]);
    list.turn(-1);
    await settle();
    list.set({ current: 'p23' });
  }
});

test('refresh: the card that somebody went on to meanwhile stays, though it ranks behind the page now', async () => {
  list.lookAt('p02');
  answers = [];
  list.follow('r-new');
  const behind = ranking.filter(({ id }) => !['p02', 'p03'].includes(id)).slice(0, 36);
  answers[0]({ ...answer({ limit: 0 }), suspects: behind, n_matching: 50 });
  await settle();
  press('j');
  answers[1]({ suspects: [suspect('p02')] });
  await settle();
  answers[2]?.({ suspects: [suspect('p03')] });
  await settle();
  assert.deepEqual([list.state.current, shown()[3]], ['p03', 'p03']);
});
