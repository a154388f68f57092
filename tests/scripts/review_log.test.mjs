import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { entriesOf, ReviewLog, runsOf } from '../../explorer/assets/page/worklists/review_log.mjs';
import { WriteBack } from '../../explorer/assets/page/worklists/write_back.mjs';

const review = (id, more = {}) => ({ id, point_id: `p${id}`, entry: null, stands: true, run: null, ...more });

test('entriesOf: reviews of one group are one entry, single ones are not', () => {
  const entries = entriesOf([review('4'), review('3', { entry: 'x', stands: false }), review('2', { entry: 'x' }), review('1')]);
  assert.deepEqual(entries.map(({ id, pointIds, stands }) => [id, pointIds, stands]), [
    ['4', ['p4'], true], ['3', ['p3', 'p2'], true], ['1', ['p1'], true],
  ]);
});

test('runsOf: each run with how many labels it wrote', () => {
  assert.deepEqual(runsOf([review('3', { run: 'r2' }), review('2', { run: 'r1' }), review('1', { run: 'r2' }), review('0')]), [
    { run: 'r2', count: 2 }, { run: 'r1', count: 1 },
  ]);
});

let asked, answers, writeBack;

beforeEach(() => {
  asked = [];
  answers = { '/reviews/apply': { n_written: 2, files: [] }, restore: { paths: ['a', 'b'], kept: [] } };
  writeBack = new WriteBack({
    who: () => 'Ann',
    api: {
      post: async (path, body) => { asked.push([path, body]); return answers[path]; },
      restore: async (run, who) => { asked.push(['restore', run, who]); return { id: 'b1', result: answers.restore }; },
      finish: async (run, onProgress) => { onProgress({ id: run.id ?? 'a1', stage: 'writing files', done: 1, total: 2 }); return run.result ?? run; },
      cancel: async (id) => { asked.push(['cancel', id]); },
    },
  });
});

test('WriteBack: looks first, writes then, and takes back', async () => {
  await writeBack.check();
  assert.deepEqual([writeBack.state.step, asked.at(-1)], ['checked', ['/reviews/apply', { dry_run: true, who: 'Ann' }]]);
  await writeBack.write();
  assert.deepEqual([writeBack.state.step, asked.at(-1)], ['written', ['/reviews/apply', { dry_run: false, who: 'Ann' }]]);
  await writeBack.takeBack('r1');
  assert.deepEqual(asked[2], ['restore', 'r1', 'Ann']);
  assert.deepEqual([writeBack.state.step, writeBack.state.message], ['checked', '2 files are as they were before the run.']);
});

test('WriteBack: tells how far it is, and what is left when it is stopped', async () => {
  let end;
  writeBack.tools.api.finish = (run, onProgress) => {
    onProgress({ id: 'a1', stage: 'writing files', done: 3, total: 10 });
    return new Promise((_, reject) => { end = reject; });
  };
  const writing = writeBack.write();
  await new Promise((resolve) => { setTimeout(resolve); });
  assert.deepEqual([writeBack.state.step, writeBack.state.progress, writeBack.state.job], ['writing', 'Writing files: 3 of 10 …', 'a1']);
  await writeBack.stop();
  assert.deepEqual([asked.at(-1), writeBack.state.isStopping], [['cancel', 'a1'], true]);
  end(new Error('Cancelled: 4 of 10 files were written.'));
  await writing;
  assert.deepEqual([writeBack.state.step, writeBack.state.message], ['failed', 'Cancelled: 4 of 10 files were written.']);
});

test('WriteBack: a refusal is told in words', async () => {
  writeBack.tools.api.post = async () => { throw new Error("Source 'x' is gone."); };
  await writeBack.check();
  assert.deepEqual([writeBack.state.step, writeBack.state.message], ['failed', "Source 'x' is gone."]);
});

test('ReviewLog: w looks what would be written back, e opens the export', async () => {
  const log = new ReviewLog(writeBack.tools);
  assert.equal(log.key('w'), true);
  assert.deepEqual(asked, [['/reviews/apply', { dry_run: true, who: 'Ann' }]]);
  assert.equal(log.state.isExporting, false);
  assert.equal(log.key('e'), true);
  assert.equal(log.state.isExporting, true);
});

const settled = () => new Promise((resolve) => { setTimeout(resolve); });

/** Has the api wait; gives what has it answer the oldest question. */
function holdAnswers() {
  const held = [];
  writeBack.tools.api.post = () => new Promise((resolve) => { held.push(resolve); });
  return async (answer) => {
    held.shift()(answer);
    await settled();
  };
}

test('WriteBack: what is found after the dialog was closed does not open it again', async () => {
  const answer = holdAnswers();
  void writeBack.check();
  writeBack.close();
  await answer({ n_written: 2, files: [] });
  assert.equal(writeBack.state.step, 'closed');
  void writeBack.write();
  writeBack.close();
  await answer({ n_written: 2, files: [] });
  assert.equal(writeBack.state.step, 'closed');
});

test('WriteBack: what was found before it was opened again is not what is shown', async () => {
  const answer = holdAnswers();
  void writeBack.check();
  writeBack.close();
  void writeBack.check();
  await answer({ n_written: 1, files: [] });
  assert.equal(writeBack.state.step, 'checking');
  await answer({ n_written: 2, files: [] });
  assert.deepEqual([writeBack.state.step, writeBack.state.answer.n_written], ['checked', 2]);
});

test('ReviewLog: more is shown though a verdict has the log read anew meanwhile', async () => {
  const all = Array.from({ length: 250 }, (_, place) => review(String(place)));
  const held = [];
  const read = (offset, limit) => ({ reviews: all.slice(offset, offset + limit), next_offset: offset + limit < all.length ? offset + limit : null });
  const log = new ReviewLog({
    ...writeBack.tools, judged: { logged() {} },
    api: { get: (path, { offset, limit }) => (path === '/suspects' ? Promise.resolve({ n_ranked: 9 }) : new Promise((resolve) => { held.push(() => resolve(read(offset, limit))); })) },
  });
  const answer = async () => { held.splice(0).forEach((give) => give()); await settled(); };
  log.open();
  await answer();
  void log.more();
  all.unshift(review('new'));
  void log.reload();
  await answer();
  assert.deepEqual([log.state.reviews.length, log.state.reviews[0].id, log.state.hasMore], [200, 'new', true]);
  void log.reload();
  void log.more();
  await answer();
  assert.deepEqual([new Set(log.state.reviews).size, log.state.hasMore], [251, false]);
});
