import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WriteBack } from '../../explorer/assets/page/worklists/write_back.mjs';

/** A write-back whose questions are answered by hand. */
function asked() {
  const answers = [];
  const post = () => new Promise((resolve, reject) => answers.push({ resolve, reject }));
  return { writeBack: new WriteBack({ api: { post }, who: () => 'Ann' }), answers };
}

test('check: tells what would be written', async () => {
  const { writeBack, answers } = asked();
  const checked = writeBack.check();
  assert.equal(writeBack.state.step, 'checking');
  answers[0].resolve({ n_written: 3 });
  await checked;
  assert.deepEqual([writeBack.state.step, writeBack.state.answer], ['checked', { n_written: 3 }]);
});

test('check: what was closed meanwhile stays closed, also if it failed', async () => {
  for (const end of ['resolve', 'reject']) {
    const { writeBack, answers } = asked();
    const checked = writeBack.check();
    writeBack.close();
    answers[0][end](new Error('gone'));
    await checked;
    assert.equal(writeBack.state.step, 'closed');
  }
});

test('check: the last question is answered, not one before it was closed', async () => {
  const { writeBack, answers } = asked();
  const first = writeBack.check();
  writeBack.close();
  const second = writeBack.check();
  answers[0].resolve({ n_written: 3 });
  await first;
  assert.equal(writeBack.state.step, 'checking');
  answers[1].reject(new Error('the disk is full'));
  await second;
  assert.deepEqual([writeBack.state.step, writeBack.state.message], ['failed', 'the disk is full']);
});
