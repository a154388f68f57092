import assert from 'node:assert/strict';
import test from 'node:test';

import { collectionWords, jobWords, tagWords, Work } from '../../explorer/assets/page/supervisely/work.mjs';

/** Work whose answers are given, and what was asked. */
function workOf(...answers) {
  const asked = [];
  const answer = async (...request) => {
    asked.push(request);
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  return { asked, work: new Work({ post: answer, undo: answer, path: '/supervisely/tags' }) };
}

test('work: is checked, written and taken back', async () => {
  const { work, asked } = workOf({ added: 2, run: null }, { added: 2, run: 'r1' }, { undone: 2 });
  await work.check({ tag: 'ISSUE' });
  assert.equal(work.state.step, 'checked');
  await work.write({ tag: 'ISSUE' });
  assert.equal(work.state.step, 'done');
  await work.takeBack('r1');
  assert.deepEqual([work.state.step, work.state.nUndone], ['undone', 2]);
  assert.deepEqual(asked, [
    ['/supervisely/tags', { tag: 'ISSUE', dry_run: true }], ['/supervisely/tags', { tag: 'ISSUE' }], ['r1'],
  ]);
});

test('work: a changed form is to be checked again', async () => {
  const { work } = workOf({ added: 2 });
  await work.check({});
  work.edit();
  assert.deepEqual([work.state.step, work.state.answer], ['form', null]);
});

test('work: a failure leads back to where it was, with the reason', async () => {
  const { work } = workOf(new Error('No rights.'), { run: 'r1' }, new Error('Gone.'));
  await work.check({});
  assert.deepEqual([work.state.step, work.state.problem], ['form', 'No rights.']);
  await work.write({});
  await work.takeBack('r1');
  assert.deepEqual([work.state.step, work.state.problem], ['done', 'Gone.']);
});

test('words: of tags, jobs and collections', () => {
  const tag = { on: 'object', tag: 'ISSUE', added: 1, already: 2, removed: 0 };
  assert.equal(tagWords(tag, { remove: false, isDone: false }), "1 object would get 'ISSUE'. 2 objects have it already.");
  assert.equal(tagWords(tag, { remove: false, isDone: true }), "1 object got 'ISSUE'. 2 objects have it already.");
  const off = { on: 'image', tag: 'ISSUE', added: 0, already: 1, removed: 3 };
  assert.equal(tagWords(off, { remove: true, isDone: false }), "3 images would lose 'ISSUE'. 1 image did not have it.");
  assert.equal(jobWords({ created: 1, existing: 0 }, true), '1 job was made.');
  assert.equal(jobWords({ created: 0, existing: 2 }, false), '0 jobs would be made. 2 jobs for the same images are there already.');
  assert.equal(
    collectionWords({ added: 1200, already: 1, missing: 0, collection_id: 7 }),
    '1,200 images were put into collection 7. 1 image was in it already.',
  );
});

test('work: what is found for a form that was changed meanwhile does not count', async () => {
  let answer;
  const work = new Work({ post: () => new Promise((resolve) => { answer = resolve; }), undo: async () => ({ undone: 0 }), path: '/supervisely/tags' });
  const checking = work.check({ tag: 'ISSUE' });
  work.edit();
  answer({ added: 2 });
  await checking;
  assert.deepEqual([work.state.step, work.state.answer], ['form', null]);
});

test('work: how the writing ended is told, whatever was changed meanwhile', async () => {
  let answer;
  const work = new Work({ post: () => new Promise((resolve) => { answer = resolve; }), undo: async () => ({ undone: 0 }), path: '/supervisely/tags' });
  const writing = work.write({ tag: 'ISSUE' });
  work.edit();
  assert.equal(work.state.step, 'writing');
  answer({ added: 2, run: 'r1' });
  await writing;
  assert.deepEqual([work.state.step, work.state.answer.run], ['done', 'r1']);
});
