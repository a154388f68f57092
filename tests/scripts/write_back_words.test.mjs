import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backText, changesText, changeText, leftText, placesTitle, refusalTexts, waitingText, wayBackText } from '../../explorer/assets/page/worklists/write_back_words.mjs';

const FILE = { path: '/data/ann/a.json' };
const IMAGE = { path: 'supervisely://host:8080/11/22/33' };
const WINDOWS_FILE = { path: 'C:\\data\\a.json' };

test('changesText: files, images on a server, both, or nothing', () => {
  assert.equal(changesText({ n_written: 3, files: [FILE, WINDOWS_FILE] }), '3 labels in 2 files');
  assert.equal(changesText({ n_written: 1, files: [IMAGE] }), '1 label in 1 image on the server');
  assert.equal(changesText({ n_written: 1200, files: [FILE, IMAGE, IMAGE] }), '1,200 labels in 1 file and in 2 images on the server');
  assert.equal(changesText({ n_written: 0, files: [] }), 'Nothing');
});

test('wayBackText: only files are backed up', () => {
  assert.equal(wayBackText([FILE]), 'Each file is backed up first, and a run can be taken back.');
  assert.equal(wayBackText([IMAGE]), 'Each class is read back from the server, and a run can be taken back.');
  assert.equal(wayBackText([IMAGE, FILE]), 'Each file is backed up first, each class is read back from the server, and a run can be taken back.');
  assert.equal(wayBackText([]), '');
});

test('placesTitle: names what is listed', () => {
  assert.deepEqual([[FILE], [IMAGE], [FILE, IMAGE]].map(placesTitle), ['Files', 'Images on the server', 'Files, and images on the server']);
});

test('waitingText: says why there is nothing to write', () => {
  assert.equal(waitingText({ n_written: 0, n_already: 0, n_refused: 0 }), ' No accepted class waits for it.');
  assert.equal(waitingText({ n_written: 0, n_already: 2, n_refused: 0 }), '');
});

test('backText: what is again as it was', () => {
  assert.equal(backText(['/a'], true), '1 file is as it was before the run.');
  assert.equal(backText(['supervisely://h/1/2/3/4', 'supervisely://h/1/2/3/5'], true), '2 objects on the server are as they were before the run.');
  assert.equal(backText(['/a', 'supervisely://h/1/2/3/4'], false), '1 file and 1 object on the server are as they were before the run.');
  assert.equal(backText([], true), 'Nothing had to be taken back.');
  assert.equal(backText([], false), 'Nothing was taken back.');
});

test('changeText: an image on a server has a name, a file its path', () => {
  assert.equal(changeText({ path: 'supervisely://h/1/2/3', target: null, image: 'train / 27.png' }), 'train / 27.png');
  assert.equal(changeText({ path: '/data/a.json', target: null, image: null }), '/data/a.json');
  assert.equal(changeText({ path: '/data/cat/1.png', target: '/data/dog/1.png' }), '/data/cat/1.png → /data/dog/1.png');
});

test('refusalTexts and leftText: by the names that people know', () => {
  const changed = ['1', '2', '3', '4', '5', '6'].map((name) => ({ image: `train / ${name}.png`, reason: 'it changed' }));
  assert.deepEqual(refusalTexts([{ image: 'val / 1.png', reason: 'it is gone' }, ...changed]), [
    'It changed: train / 1.png, train / 2.png, train / 3.png, train / 4.png, train / 5.png and 1 more', 'It is gone: val / 1.png',
  ]);
  assert.equal(leftText([{ path: 'supervisely://h/1/2/3/4', image: 'train / 27.png', reason: 'it is gone' }, { path: '/a.json', reason: 'it changed' }]),
    'Left as they are: train / 27.png: it is gone; /a.json: it changed.');
  assert.equal(leftText([]), '');
});
