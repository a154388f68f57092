/** What the colours of the dots mean: a list of categories, or a ramp with its ends in words. */

import { shortenAmong } from '../../map/short_names.mjs';
import { breakable } from '../cards.mjs';
import { shortenClusterName } from '../worklists/names.mjs';
import { h, useMemo, useState, useStore } from '../worklists/react.mjs';
import { COLORINGS } from './coloring.mjs';

/** @typedef {import('./coloring.mjs').Coloring} Coloring */

/** Categories that are listed before somebody asks for all. */
const FIRST_ENTRIES = 24;
/** Letters of a category, and of each class in the name of a cluster: three lines. */
const [LONGEST_ENTRY, LONGEST_CLASS] = [32, 23];

/**
 * @typedef {object} LegendProps
 * @property {Coloring} coloring
 * @property {(value: string) => void} colorBy
 * @property {(name: string, category: number) => void} choose a category
 */

/** @param {LegendProps} props */
export function ColorLegend({ coloring, colorBy, choose }) {
  const state = useStore(coloring);
  return [
    h('select', { key: 'by', className: 'color-by', 'aria-label': 'Colour by', value: state.name, onChange: (/** @type {any} */ event) => colorBy(event.target.value) },
      Object.entries(COLORINGS).map(([value, { noun }]) => h('option', { key: value, value }, noun))),
    h(Meaning, { key: 'meaning', coloring, state, choose }),
  ];
}

/** @param {{coloring: Coloring, state: import('./coloring.mjs').ColoringState, choose: LegendProps['choose']}} props */
function Meaning({ coloring, state: { name, status, message, entries, gradient, lower, upper, note }, choose }) {
  if (status === 'failed') {
    return h('div', { className: 'filter-failed', role: 'alert' },
      h('p', null, message),
      h('button', { className: 'act', onClick: () => coloring.refresh() }, 'Retry'));
  }
  if (name === 'class') return null; // the classes are listed above, with their colours
  if (status === 'loading') return h('p', { className: 'dim', role: 'status' }, `Fetching colours by ${COLORINGS[name].noun.toLowerCase()} …`);
  if (gradient.length > 0) return h(Ramp, { gradient, lower, upper, note, noun: COLORINGS[name].noun });
  return h(Categories, { key: name, name, entries, classes: coloring.panel.spec?.classNames ?? [], choose });
}

/** @param {{gradient: string[], lower: string, upper: string, note: string, noun: string}} props */
function Ramp({ gradient, lower, upper, note, noun }) {
  return h('div', { className: 'ramp', role: 'group', 'aria-label': `Legend of ${noun.toLowerCase()}` },
    h('div', { className: 'ramp-bar', style: { background: `linear-gradient(90deg, ${gradient.join(', ')})` } }),
    h('div', { className: 'ramp-ends' }, h('span', null, lower), h('span', null, upper)),
    note && h('p', { className: 'dim', role: 'status' }, note));
}

/** @param {{name: string, entries: import('./coloring.mjs').Entry[], classes: string[], choose: (name: string, category: number) => void}} props */
function Categories({ name, entries, classes, choose }) {
  const [isWhole, setWhole] = useState(false);
  const noun = COLORINGS[name].noun.toLowerCase();
  const numbered = entries.map((entry, category) => ({ entry, category, nFitting: entry.nFitting ?? entry.count }));
  const listed = name === 'dataset' ? numbered : numbered.filter(({ nFitting }) => nFitting > 0); // a dataset can be added to the filter
  const shown = isWhole ? listed : listed.slice(0, FIRST_ENTRIES);
  const most = shown.reduce((found, { nFitting }) => Math.max(found, nFitting), 1);
  const words = useMemo(() => wordsOf(name, entries, classes), [name, entries, classes]);
  return [
    h('ul', { key: 'list', className: 'facet-values color-entries', 'aria-label': `Legend of ${noun}s` }, shown.map(({ entry, category, nFitting }) => h(
      'li', { key: category, className: 'facet-value', style: { '--swatch': entry.color, '--share': `${(100 * nFitting) / most}%` } },
      h('button', { className: 'facet-only', title: titleOf(name, entry), onClick: () => choose(name, category) },
        h('span', { className: 'swatch' }),
        h('span', { className: 'facet-name' }, breakable(words.get(entry.name) ?? entry.name)),
        h('span', { className: 'facet-count' }, countWords(entry)))))),
    entries.length === 0 && h('p', { key: 'none', className: 'dim' }, `There is no ${noun}.`),
    entries.length > 0 && listed.length === 0 && h('p', { key: 'outside', className: 'dim' }, `No ${noun} has points that fit the filter.`),
    shown.length < listed.length && h('button', { key: 'more', className: 'quiet facet-more', onClick: () => setWhole(true) },
      `Show all ${listed.length.toLocaleString('en')}`),
  ];
}

/** @param {string} name of the colouring @param {import('./coloring.mjs').Entry} entry @returns {string} what a click does */
function titleOf(name, entry) {
  if (name === 'dataset') return `${entry.name}: show only this`;
  return `${entry.name}: select its points${entry.nFitting === undefined ? '' : ' that fit the filter'}`;
}

/** @param {import('./coloring.mjs').Entry} entry @returns {string} such as "340", or "12 of 340" where a filter leaves some out */
function countWords({ count, nFitting = count }) {
  const all = count.toLocaleString('en');
  return nFitting < count ? `${nFitting.toLocaleString('en')} of ${all}` : all;
}

/** @param {string} name @param {import('./coloring.mjs').Entry[]} entries @param {string[]} classes @returns {Map<string, string>} what fits, by the full name */
function wordsOf(name, entries, classes) {
  const names = entries.map((entry) => entry.name);
  if (name !== 'cluster') return shortenAmong(names, LONGEST_ENTRY);
  return new Map(names.map((one) => [one, shortenClusterName(one, classes, LONGEST_CLASS)]));
}
