/** Words for what writing back changes: files of this machine, images on a server, or both. Knows no document. */

import { sentence } from '../server.mjs';
import { countText } from './names.mjs';

/** Stage of a run that has done nothing yet. */
const NO_STAGE = 'starting';

/** @param {string} place @returns {boolean} whether it is an address such as supervisely://host/11/22/33, not a file */
const isOnServer = (place) => /^[a-z]+:\/\//.test(place);

/** @param {string[]} places @returns {[number, number]} how many are files, and how many are on a server */
function countPlaces(places) {
  const nOnServer = places.filter(isOnServer).length;
  return [places.length - nOnServer, nOnServer];
}

/** @param {{n_written: number, files: {path: string}[]}} answer @returns {string} such as "3 labels in 2 files" */
export function changesText({ n_written: nWritten, files }) {
  if (nWritten === 0) return 'Nothing';
  const [nFiles, nImages] = countPlaces(files.map(({ path }) => path));
  const places = [nFiles > 0 && `in ${countText(nFiles, 'file')}`, nImages > 0 && `in ${countText(nImages, 'image')} on the server`];
  return [countText(nWritten, 'label'), places.filter(Boolean).join(' and ')].join(' ').trim();
}

/** @param {{n_written: number, n_already: number, n_refused: number}} answer @returns {string} why there is nothing to do; empty if there is something */
export function waitingText({ n_written: nWritten, n_already: nAlready, n_refused: nRefused }) {
  return nWritten + nAlready + nRefused === 0 ? ' No accepted class waits for it.' : '';
}

/** @param {{path: string}[]} files @returns {string} how what is changed can be got back */
export function wayBackText(files) {
  const [nFiles, nImages] = countPlaces(files.map(({ path }) => path));
  if (nFiles + nImages === 0) return '';
  const first = [nFiles > 0 && 'each file is backed up first', nImages > 0 && 'each class is read back from the server'].filter(Boolean).join(', ');
  return `${first[0].toUpperCase()}${first.slice(1)}, and a run can be taken back.`;
}

/** @param {{path: string}[]} files @returns {string} a heading for the list of them */
export function placesTitle(files) {
  const [nFiles, nImages] = countPlaces(files.map(({ path }) => path));
  if (nImages === 0) return 'Files';
  return nFiles === 0 ? 'Images on the server' : 'Files, and images on the server';
}

/** @param {string[]} places files and objects that are again what they were @param {boolean} isAll whether no other was to become so @returns {string} one sentence */
export function backText(places, isAll) {
  const [nFiles, nObjects] = countPlaces(places);
  const parts = [nFiles > 0 && countText(nFiles, 'file'), nObjects > 0 && `${countText(nObjects, 'object')} on the server`];
  const what = parts.filter(Boolean).join(' and ');
  if (!what) return isAll ? 'Nothing had to be taken back.' : 'Nothing was taken back.';
  return places.length === 1 ? `${what} is as it was before the run.` : `${what} are as they were before the run.`;
}

/** @param {{path: string, target: string | null, image?: string | null}} file @returns {string} an image by its name, a file by its path */
export function changeText({ path, target, image }) {
  return image ?? (target ? `${path} → ${target}` : path);
}

/** Images that are named for one reason. */
const NAMED = 5;

/**
 * @param {{image: string, reason: string}[]} refused
 * @returns {string[]} a line per reason, the most frequent first, such as "it changed: train / 27.png and 3 more"
 */
export function refusalTexts(refused) {
  /** @type {Map<string, string[]>} */
  const images = new Map();
  for (const { image, reason } of refused) images.set(reason, [...(images.get(reason) ?? []), image]);
  return [...images].sort(([, some], [, others]) => others.length - some.length).map(([reason, all]) => {
    const names = [...new Set(all)];
    const nMore = names.length - NAMED;
    return `${sentence(reason)}: ${names.slice(0, NAMED).join(', ')}${nMore > 0 ? ` and ${nMore.toLocaleString('en')} more` : ''}`;
  });
}

/** @param {{path: string, image?: string | null, reason: string}[]} kept places that a run could not take back @returns {string} sentences; empty for none */
export function leftText(kept) {
  if (kept.length === 0) return '';
  return `Left as they are: ${kept.map(({ path, image, reason }) => `${image ?? path}: ${reason}`).join('; ')}.`;
}

/** @param {{stage: string, done: number, total: number | null}} run at work @returns {string} such as "Writing files: 3 of 10 …" */
export function progressWords({ stage, done, total }) {
  if (stage === NO_STAGE) return '';
  return `${sentence(stage)}${total ? `: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}` : ''} …`;
}
