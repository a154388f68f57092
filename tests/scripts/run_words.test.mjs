import assert from 'node:assert/strict';
import { test } from 'node:test';

import { agoText, countsOf, durationText, endText, leftText, problemsOf, progressText, titleOf } from '../../explorer/assets/page/jobs/run_words.mjs';

const REPORT = {
  collection: 'pets',
  images: { seen: 12, added: 9, updated: 0, unchanged: 2, removed: 0, failed: 1 },
  instances: { embedded: 9, payload_updated: 0, unchanged: 2, removed: 0, skipped: 3 },
  skipped_reasons: { 'too small': 3 },
  failures: [{ image: 'a.png', reason: 'it is damaged' }],
  notes: [{ kind: 'images without a file', count: 1200, examples: ['b.png'] }],
};

test('titleOf: says what is done to what', () => {
  assert.equal(titleOf({ kind: 'index', source: '/data/pets', collection: null }), 'Index /data/pets');
  assert.equal(titleOf({ kind: 'project', collection: 'pets', source: null }), 'Map of pets');
  assert.equal(titleOf({ kind: 'apply', collection: 'pets', source: null }), 'Write back the verdicts of pets');
  assert.equal(titleOf({ kind: 'backup', collection: 'pets', source: null }), 'Backup of pets');
  assert.equal(titleOf({ kind: 'restore', collection: null, source: null, result: { collection: 'pets' } }), 'Restore pets');
  assert.equal(titleOf({ kind: 'project', collection: 'tf_lite', source: null }, [{ name: 'tf_lite', display_name: 'My pets' }]), 'Map of My pets');
  assert.equal(titleOf({ kind: 'move', collection: 'pets', source: null }), 'Copy to another store: pets');
});

test('leftText: what a cancelled run leaves', () => {
  assert.equal(leftText({ kind: 'index' }), 'What was finished is kept. Run it again to go on.');
  assert.equal(leftText({ kind: 'backup' }), 'What was there before stays, and no half file.');
  assert.equal(leftText({ kind: 'restore' }), 'Nothing of it is left.');
  assert.equal(leftText({ kind: 'apply', error: { detail: 'cancelled: 3 of 10 files were written' } }), 'Cancelled: 3 of 10 files were written');
});

test('progressText: stage, count, speed and time left; only what is known', () => {
  assert.equal(progressText({ stage: 'embedding', done: 1200, total: 5000, rate_per_s: 40.4, seconds_left: 94 }), 'embedding · 1,200 of 5,000 · 40 per second · 2 min left');
  assert.equal(progressText({ stage: 'listing', done: 7, total: null, rate_per_s: 0.25, seconds_left: null }), 'listing · 7 · 0.3 per second');
  assert.equal(progressText({ stage: 'starting', done: 0, total: null, rate_per_s: null, seconds_left: null }), 'starting');
});

test('durationText: seconds, minutes, hours', () => {
  assert.deepEqual([0.4, 59, 90, 5400].map(durationText), ['0 s', '59 s', '2 min', '1 h 30 min']);
});

test('agoText: in the largest unit', () => {
  const now = Date.parse('2026-03-02T12:00:00Z');
  const times = ['2026-03-02T11:59:30Z', '2026-03-02T11:30:00Z', '2026-03-02T03:00:00Z', '2026-02-28T12:00:00Z', '2026-03-02T12:00:05Z'];
  assert.deepEqual(times.map((time) => agoText(time, now)), ['just now', '30 min ago', '9 h ago', '2 days ago', 'just now']);
});

test('endText: says whether there were problems', () => {
  const over = { kind: 'index', state: 'succeeded', started_at: '2026-03-02T11:58:00Z', finished_at: '2026-03-02T11:59:00Z', result: REPORT };
  const now = Date.parse('2026-03-02T12:00:00Z');
  assert.equal(endText(over, now), 'Done, with problems after 1 min, 1 min ago');
  assert.equal(endText({ ...over, result: { ...REPORT, failures: [], notes: [], skipped_reasons: {} } }, now), 'Done after 1 min, 1 min ago');
  assert.equal(endText({ ...over, state: 'cancelled', result: null }, now), 'Cancelled after 1 min, 1 min ago');
});

test('countsOf: zeros are left out', () => {
  assert.deepEqual(countsOf({ kind: 'index', result: REPORT }), ['12 images seen: 9 added, 2 unchanged, 1 failed', 'Points: 9 embedded, 2 unchanged, 3 skipped']);
  assert.deepEqual(countsOf({ kind: 'project', result: { n_points: 1797, method: 'umap' } }), ['1,797 points laid out by umap']);
  assert.deepEqual(countsOf({ kind: 'apply', result: { n_written: 3, n_already: 0, n_refused: 1 } }), ['3 written, 1 refused']);
  const made = { n_points: 1797, n_events: 2, n_maps: 1, n_tags: 0, n_selections: 0 };
  assert.deepEqual(countsOf({ kind: 'backup', result: { ...made, path: '/pets.zip' } }), ['1,797 points, 2 review events, 1 map in /pets.zip']);
  assert.deepEqual(countsOf({ kind: 'restore', result: { ...made, n_points: 0, n_events: 0, n_maps: 0 } }), ['0 points']);
  assert.deepEqual(countsOf({ kind: 'move', result: { ...made, place: 'http://q:6333' } }), ['1,797 points, 2 review events, 1 map in http://q:6333']);
  assert.deepEqual(countsOf({ kind: 'index', result: null }), []);
});

test('problemsOf: every kind with its first examples', () => {
  assert.deepEqual(problemsOf(REPORT), [
    { title: '1 image failed', examples: ['a.png: it is damaged'] },
    { title: '3 objects skipped: too small', examples: [] },
    { title: '1,200: images without a file', examples: ['b.png'] },
  ]);
  assert.deepEqual(problemsOf({ n_refused: 2, failures: [{ image: 'c.png', reason: 'it changed' }] }), [{ title: '2 refused', examples: ['c.png: it changed'] }]);
});
