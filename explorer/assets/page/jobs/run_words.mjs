/** What runs are called, how far they are and how they ended, in words. Knows no document. */

import { sentence } from '../server.mjs';
import { countText, shownName } from '../worklists/names.mjs';

/** @typedef {import('./runs_store.mjs').Run} Run */
/** @typedef {{title: string, examples: string[]}} Problem one kind of problem in a report, with its first cases */

const MINUTE_S = 60;
const HOUR_S = 3600;

/** @param {Run} run @param {import('../worklists/names.mjs').Named[]} collections those that are known @returns {string} what it does, and with what */
export function titleOf({ kind, source, collection, result }, collections = []) {
  const place = shownName(collections, collection ?? result?.collection ?? '');
  if (kind === 'index') return `Index ${source ?? place}`;
  if (kind === 'undo') return 'Take a write-back back';
  const titles = {
    project: 'Map of', export: 'Export of', import: 'Import into', apply: 'Write back the verdicts of', backup: 'Backup of', restore: 'Restore', move: 'Copy to another store:',
  };
  return `${titles[kind] ?? kind} ${place || 'a collection'}`;
}

/** @param {number} seconds @returns {string} */
export function durationText(seconds) {
  const whole = Math.round(seconds);
  if (whole < MINUTE_S) return `${whole} s`;
  if (whole < HOUR_S) return `${Math.round(whole / MINUTE_S)} min`;
  return `${Math.floor(whole / HOUR_S)} h ${Math.round((whole % HOUR_S) / MINUTE_S)} min`;
}

/** @param {Run} run at work @returns {string} its stage, how much is done, how fast, and how long it will take */
export function progressText({ stage, done, total, rate_per_s: rate, seconds_left: left }) {
  const count = total ? `${done.toLocaleString('en')} of ${total.toLocaleString('en')}` : done > 0 && done.toLocaleString('en');
  const speed = rate && `${rate >= 1 ? Math.round(rate).toLocaleString('en') : rate.toFixed(1)} per second`;
  return [stage, count, speed, left !== null && left !== undefined && `${durationText(left)} left`].filter(Boolean).join(' · ');
}

/** @param {Run} run that is over @param {number} nowMs @returns {string} how it ended, how long it took and when */
export function endText({ state, started_at: start, finished_at: end, result, kind }, nowMs) {
  if (end === null) return '';
  const words = { succeeded: result && hasProblems(result, kind) ? 'Done, with problems' : 'Done', failed: 'Failed', cancelled: 'Cancelled', running: '' }[state];
  const tookS = (Date.parse(end) - Date.parse(start)) / 1000;
  return `${words} after ${durationText(tookS)}, ${agoText(end, nowMs)}`;
}

/** @param {string} time as the api writes it @param {number} nowMs @returns {string} */
export function agoText(time, nowMs) {
  const agoS = Math.max(0, (nowMs - Date.parse(time)) / 1000);
  if (agoS < MINUTE_S) return 'just now';
  if (agoS < HOUR_S) return `${Math.floor(agoS / MINUTE_S)} min ago`;
  if (agoS < 24 * HOUR_S) return `${Math.floor(agoS / HOUR_S)} h ago`;
  return `${countText(Math.floor(agoS / (24 * HOUR_S)), 'day')} ago`;
}

/** @param {Record<string, any>} result @param {Run["kind"]} kind */
function hasProblems(result, kind) {
  return kind === 'apply' ? result.n_refused > 0 : problemsOf(result).length > 0;
}

/** @typedef {Record<string, any>} Result */

/** @param {Result} result of an export, a backup or a move, or of the ways back @returns {string[]} what came along, and where it is */
function placedCounts({ n_points: nPoints, n_events: nEvents, n_maps: nMaps, n_tags: nTags, n_selections: nSelections, path, place }) {
  const more = /** @type {[number | undefined, string][]} */ ([[nEvents, 'review event'], [nMaps, 'map'], [nTags, 'tag'], [nSelections, 'selection']]);
  const counts = [countText(nPoints, 'point'), ...more.filter(([count]) => count).map(([count, what]) => countText(count ?? 0, what))];
  return [`${counts.join(', ')}${path || place ? ` in ${path || place}` : ''}`];
}

/** @param {Result} result of an index run @returns {string[]} */
function indexCounts({ images, instances }) {
  if (!images || !instances) return [];
  const ofImages = joined([[images.added, 'added'], [images.updated, 'updated'], [images.unchanged, 'unchanged'], [images.removed, 'removed'], [images.failed, 'failed']]);
  const ofInstances = joined([
    [instances.embedded, 'embedded'], [instances.payload_updated, 'relabelled'], [instances.unchanged, 'unchanged'],
    [instances.removed, 'removed'], [instances.skipped, 'skipped'],
  ]);
  return [`${countText(images.seen, 'image')} seen: ${ofImages}`, `Points: ${ofInstances}`];
}

/** @type {Record<string, (result: Result) => string[]>} */
const COUNTS = {
  project: ({ n_points: nPoints, method }) => [`${countText(nPoints, 'point')} laid out by ${method}`],
  export: placedCounts,
  import: placedCounts,
  apply: (result) => [joined([[result.n_written, 'written'], [result.n_already, 'already so'], [result.n_refused, 'refused']], 'Nothing to write')],
  undo: ({ paths, kept }) => [joined([[paths.length, 'as before'], [kept.length, 'left as it is']], 'Nothing to take back')],
  backup: placedCounts,
  restore: placedCounts,
  move: placedCounts,
};

/** @param {Run} run @returns {string[]} what it did, counted; a sentence each */
export function countsOf({ kind, result }) {
  if (!result) return [];
  return (COUNTS[kind] ?? indexCounts)(result);
}

/** @param {Run} run that was cancelled @returns {string} what became of it */
export function leftText({ kind, error }) {
  if (kind === 'apply' || kind === 'undo') return sentence(error?.detail ?? 'What was written is kept.');
  if (kind === 'backup' || kind === 'export') return 'What was there before stays, and no half file.';
  return kind === 'restore' ? 'Nothing of it is left.' : 'What was finished is kept. Run it again to go on.';
}

/** @param {Run["result"]} result of any kind of run @returns {Problem[]} */
export function problemsOf(result) {
  if (!result) return [];
  const failures = (result.failures ?? []).map((/** @type {{image: string, reason: string}} */ { image, reason }) => `${image}: ${reason}`);
  const nFailed = result.images?.failed ?? result.n_refused ?? failures.length;
  const skipped = Object.entries(result.skipped_reasons ?? {}).map(([reason, count]) => ({ title: `${countText(Number(count), 'object')} skipped: ${reason}`, examples: [] }));
  const notes = (result.notes ?? []).map((/** @type {{kind: string, count: number, examples: string[]}} */ { kind, count, examples }) => ({ title: `${count.toLocaleString('en')}: ${kind}`, examples }));
  const failed = failures.length > 0 ? [{ title: result.images ? `${countText(nFailed, 'image')} failed` : `${nFailed.toLocaleString('en')} refused`, examples: failures }] : [];
  return [...failed, ...skipped, ...notes];
}

/** @param {[number, string][]} counts @param {string} nothing said if all are zero */
function joined(counts, nothing = 'nothing to do') {
  return counts.filter(([count]) => count > 0).map(([count, what]) => `${count.toLocaleString('en')} ${what}`).join(', ') || nothing;
}
