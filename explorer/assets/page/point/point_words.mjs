/** What the inspector says of a point: its verdict's buttons and its payload. Knows no document. */

import { classLabel, shortenName, shortenPair, shortenReason } from '../worklists/names.mjs';

/** @typedef {import('../review_queue.mjs').Verdict} Verdict */
/** @typedef {import('./point_store.mjs').Point} Point */
/** @typedef {import('./point_store.mjs').Suspect} Suspect */
/** @typedef {{verdict: Verdict, words: string, title: string, className: string | null}} VerdictButton the title says the class, also if the words do not; `className` is what accept gives */
/** @typedef {[name: string, value: string][]} Rows */

/** Payload fields in the order in which a person wants to read them. @type {Record<string, string>} */
const FIELD_WORDS = {
  class_name: 'Class',
  dataset: 'Dataset',
  image_name: 'Image',
  image_size_hw: 'Image size',
  geometry: 'Geometry',
  box: 'Box',
  tags: 'Tags',
  annotated_by: 'Annotated by',
  object_updated_at: 'Object edited',
  image_updated_at: 'Image edited',
  embedded_at: 'Embedded',
  project: 'Project',
  instance: 'Instance',
  object_key: 'Object key',
  image_key: 'Image key',
  source_key: 'Source',
  image_locator: 'File',
  pixels_hash: 'Pixels hash',
  pixels_stamp: 'Stamp of the pixels',
  annotation_stamp: 'Stamp of the annotation',
  instance_mode: 'Indexed as',
  n_instances: 'Points of the image',
  skipped: 'Left out',
};
/** Drawn into the image, or told in words. */
const SHOWN_ELSEWHERE = new Set(['shape', 'review', 'review_verdict']);
const TECHNICAL = new Set([
  'version', 'pixels_hash', 'source_key', 'image_key', 'image_locator', 'object_key', 'instance', 'project',
  'pixels_stamp', 'annotation_stamp', 'instance_mode', 'n_instances', 'skipped',
]);
/** Letters of a class that fit beside the words before it; longer ones begin on a line of their own. */
const LONGEST_BESIDE = 16;
/** Letters of a class in the inspector: three lines. */
const LONGEST_CLAIM = 64;
/** Letters of a button that fit on its line; longer names are read above the buttons alone. */
const LONGEST_WORDS = 29;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The given and the suggested class as they are compared: in full, or without the same path and the middle.
 * @param {{class_name: string | null}} point
 * @param {Suspect | null} [suspect] without one, only the given class is of use
 * @returns {{given: string, suggested: string, reason: string, areLong: boolean}} `areLong` if one of them needs a line of its own
 */
export function comparedNames({ class_name: name }, suspect) {
  /** @type {[string, string]} */
  const full = [classLabel(name), classLabel(suspect?.suggested_class)];
  const isLong = full.some(({ length }) => length > LONGEST_BESIDE);
  const [given, suggested] = isLong && suspect ? shortenPair(full[0], full[1], LONGEST_CLAIM) : full.map((one) => shortenName(one, LONGEST_CLAIM));
  const reason = suspect ? shortenReason(suspect.reason, full, [given, suggested]) : '';
  return { given, suggested, reason, areLong: [given, suggested].some(({ length }) => length > LONGEST_BESIDE) };
}

/**
 * Accept, dismiss and skip, in the words of what they do. A point without a class has nothing to dismiss.
 * @param {Point} point
 * @param {Suspect | null} suspect without one, the api is asked for its suggestion
 * @returns {VerdictButton[]}
 */
export function verdictButtons({ class_name: given }, suspect) {
  const nGroup = suspect?.group?.length ?? 0;
  const whom = nGroup > 0 ? ` all ${nGroup}` : '';
  const suggested = suspect?.suggested_class ?? null;
  const words = buttonWords(comparedNames({ class_name: given }, suspect), nGroup);
  const accept = suggested === null
    ? { words: '→ what its neighbors are', title: `Accept${whom}: it is what its neighborhood says (a)` }
    : worded(words.accept, `Accept${whom}`, `it is ${suggested}`, '(a)');
  /** @type {VerdictButton[]} */
  const buttons = [{ verdict: 'accept', className: suggested, ...accept }];
  if (given) buttons.push({ verdict: 'dismiss', className: null, ...worded(words.keep, `Keep${whom}`, `${given} is right`, '(d)') });
  return [...buttons, { verdict: 'skip', className: null, words: 'Later', title: `Later${whom}: decide it then (s)` }];
}

/**
 * @param {string | null} named with the class; null where that takes too much room
 * @param {string} plain without it
 * @param {string} meaning @param {string} key
 * @returns {{words: string, title: string}}
 */
function worded(named, plain, meaning, key) {
  return { words: named ?? plain, title: `${plain}: ${meaning} ${key}` };
}

/**
 * @param {{given: string, suggested: string}} names as they are shown above the buttons
 * @param {number} nGroup objects that are judged together; 0 for one alone
 * @returns {{accept: string, keep: string} | {accept: null, keep: null}} with the classes if both fit
 */
function buttonWords({ given, suggested }, nGroup) {
  const all = nGroup > 0 ? `, all ${nGroup}` : '';
  const [accept, keep] = [`→ ${suggested}${all}`, `Keep ${given}${all}`];
  return Math.max(accept.length, keep.length) <= LONGEST_WORDS ? { accept, keep } : { accept: null, keep: null };
}

/**
 * Fields that this version does not know are shown under their own names; empty ones are left out.
 * @param {Record<string, any>} payload
 * @returns {{plain: Rows, technical: Rows}} what people ask for first, and the technical rest
 */
export function payloadRows(payload) {
  const known = Object.keys(FIELD_WORDS).filter((name) => name in payload);
  const unknown = Object.keys(payload).filter((name) => !(name in FIELD_WORDS)).sort();
  /** @type {{plain: Rows, technical: Rows}} */
  const rows = { plain: [], technical: [] };
  for (const name of [...known, ...unknown]) {
    if (SHOWN_ELSEWHERE.has(name) || isEmpty(payload[name])) continue;
    rows[TECHNICAL.has(name) ? 'technical' : 'plain'].push([FIELD_WORDS[name] ?? name.replaceAll('_', ' '), valueText(name, payload[name])]);
  }
  return rows;
}

/** @param {unknown} value */
function isEmpty(value) {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

/**
 * @param {string} field
 * @param {any} value
 * @returns {string} as a person reads it
 */
export function valueText(field, value) {
  if (field === 'box') {
    const [left, top, right, bottom] = value;
    return `${right - left} × ${bottom - top} px at ${left}, ${top}`;
  }
  if (field === 'image_size_hw') return `${value[1]} × ${value[0]} px`;
  if (field.endsWith('_at')) return momentText(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(3);
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** @param {string} moment in ISO form @returns {string} such as "05 Jan 2026 14:03 UTC" */
export function momentText(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return String(moment);
  const [year, month, day, time] = date.toISOString().split(/[-T]/);
  return `${day} ${MONTHS[Number(month) - 1]} ${year} ${time.slice(0, 5)} UTC`;
}
