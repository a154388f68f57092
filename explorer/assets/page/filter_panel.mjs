/** The panel on the left: facets with counts, each of which narrows the map and every list. The class facet is the legend. */

import { breakable } from './cards.mjs';
import { CHOICES, REVIEW_ORDER, SPANS, valueLabel } from './filter_store.mjs';
import { ScoreFacet } from './filter_scores.mjs';
import { wordsAmong } from '../map/short_names.mjs';
import { shortenName } from './worklists/names.mjs';
import { h, useMemo, useState, useStore } from './worklists/react.mjs';

/** @typedef {import('./filter_store.mjs').Choice} Choice */
/** @typedef {import('./filter_store.mjs').FilterStore} FilterStore */
/** @typedef {import('./facet_counts.mjs').FacetCounts} FacetCounts */
/** @typedef {import('./facet_counts.mjs').Counted} Counted */
/** @typedef {{name: string, display_name: string, colors: Record<string, string>, classes: string[], datasets: string[]}} OpenCollection */

/** Values that are listed before somebody asks for all. */
const FIRST_VALUES = 60;
/** Letters of a value: three lines. */
const LONGEST_VALUE = 32;
/** From so many values on, they can be searched. */
const SEARCHED_VALUES = 12;
const byName = new Intl.Collator('en', { numeric: true }).compare;
/** @type {Choice[]} */
const OTHERS = ['dataset', 'tags', 'annotated_by'];

/** @param {Counted[]} values @returns {Counted[]} by their names */
const inOrder = (values) => [...values].sort((a, b) => byName(a.name, b.name));

/** @param {{filter: FilterStore, counts: FacetCounts, collection: OpenCollection}} props */
export function FilterPanel({ filter, counts, collection }) {
  const { status, message, facets } = useStore(counts);
  useStore(filter);
  const classes = useMemo(() => (facets ? inOrder(facets.class_name) : collection.classes.map((name) => ({ name, count: -1 }))), [facets, collection]);
  return [
    h('div', { key: 'head', className: 'filter-head' },
      h('h2', { className: 'section' }, 'Filter'),
      h('span', { className: 'spacer' }),
      filter.isActive && h('button', { className: 'quiet', onClick: () => filter.clear() }, 'Clear all')),
    status === 'failed' && h('div', { key: 'failed', className: 'filter-failed', role: 'alert' },
      h('p', null, message),
      h('button', { className: 'act', onClick: () => counts.reload() }, 'Retry')),
    h('div', { key: 'facets', className: `filter-facets${status === 'loading' ? ' is-loading' : ''}`, 'aria-busy': status === 'loading' },
      h(ChoiceFacet, { facet: 'class_name', values: classes, filter, colors: collection.colors }),
      OTHERS.filter((facet) => isUseful(facet, facets?.[facet] ?? [], filter.state[facet]))
        .map((facet) => h(ChoiceFacet, { key: facet, facet, values: inOrder(facets?.[facet] ?? []), filter })),
      facets && h(KnownFacets, { facets, filter })),
  ];
}

/** @param {{facets: import('./facet_counts.mjs').Facets, filter: FilterStore}} props facets whose values are always the same */
function KnownFacets({ facets, filter }) {
  const states = REVIEW_ORDER.flatMap((name) => facets.review.filter((one) => one.name === name));
  return [
    h(ChoiceFacet, { key: 'review', facet: 'review', values: states, filter }),
    h(ScoreFacet, { key: 'score', scores: facets.scores, filter }),
    facets.edited && isSpan(facets.edited, filter) && h(EditedFacet, { key: 'edited', edited: facets.edited, filter }),
  ];
}

/** @param {{earliest: string, latest: string}} edited @param {FilterStore} filter @returns {boolean} whether there are days to choose */
function isSpan({ earliest, latest }, { state }) {
  return earliest.slice(0, 10) !== latest.slice(0, 10) || (state.updated_after ?? state.updated_before) !== null;
}

/**
 * @param {Choice} facet
 * @param {Counted[]} values a single one is that of all points, but for tags
 * @param {string[]} chosen
 * @returns {boolean} whether there is something to choose
 */
function isUseful(facet, values, chosen) {
  return chosen.length > 0 || values.length > (facet === 'tags' ? 0 : 1);
}

/**
 * A facet whose values are chosen: a click chooses one alone, its box adds it to the others.
 * @param {{facet: Choice, values: Counted[], filter: FilterStore, colors?: Record<string, string>}} props
 */
function ChoiceFacet({ facet, values, filter, colors }) {
  const [search, setSearch] = useState('');
  const [isWhole, setWhole] = useState(false);
  const { title, noun } = CHOICES[facet];
  const chosen = new Set(filter.state[facet]);
  const wanted = search.trim().toLowerCase();
  const found = values.filter(({ name }) => valueLabel(facet, name).toLowerCase().includes(wanted));
  const shown = isWhole ? found : shortList(found, chosen);
  const most = Math.max(1, ...values.map(({ count }) => count));
  const words = useMemo(() => facet === 'review' ? new Map() : wordsAmong(values.map(({ name }) => name).filter(Boolean), LONGEST_VALUE), [values]);
  return h('section', { className: 'facet', 'aria-label': title },
    h('div', { className: 'facet-head' },
      h('h3', null, title, values.length > 1 && facet !== 'review' && h('span', { className: 'dim' }, ` ${values.length.toLocaleString('en')}`)),
      h('span', { className: 'spacer' }),
      chosen.size > 0 && h('button', { className: 'quiet', onClick: () => filter.clear(facet), 'aria-label': `Clear ${noun}` }, 'Clear')),
    values.length >= SEARCHED_VALUES && h('input', {
      type: 'search', className: 'facet-search', value: search, placeholder: `Find a ${noun}`, 'aria-label': `Find a ${noun}`,
      onChange: (/** @type {any} */ event) => setSearch(event.target.value),
    }),
    h('ul', { className: 'facet-values', 'aria-label': `${title} values` }, shown.map(({ name, count }) => h(Value, {
      key: name, facet, name, count, share: count / most, filter, words: words.get(name) ?? '', isChosen: chosen.has(name),
      isAlone: chosen.size === 1 && chosen.has(name), isOut: chosen.size > 0 && !chosen.has(name), color: colors ? colors[name] ?? 'var(--line)' : null,
    }))),
    found.length === 0 && h('p', { className: 'dim facet-note' }, `No ${noun} has this name.`),
    shown.length < found.length && h('button', { className: 'quiet facet-more', onClick: () => setWhole(true) }, `Show all ${found.length.toLocaleString('en')}`));
}

/**
 * @param {Counted[]} values
 * @param {Set<string>} chosen
 * @returns {Counted[]} the first values, and those that are chosen wherever they are
 */
function shortList(values, chosen) {
  if (values.length <= FIRST_VALUES) return values;
  return values.filter(({ name }, place) => place < FIRST_VALUES || chosen.has(name));
}

/**
 * @param {{facet: Choice, name: string, count: number, share: number, filter: FilterStore, words: string,
 *   isChosen: boolean, isAlone: boolean, isOut: boolean, color: string | null}} props
 */
function Value({ facet, name, count, share, filter, words, isChosen, isAlone, isOut, color }) {
  const label = valueLabel(facet, name);
  return h('li', {
    className: `facet-value${isChosen ? ' is-chosen' : ''}${isOut ? ' is-out' : ''}${count === 0 ? ' is-empty' : ''}`,
    style: { '--share': `${Math.max(0, 100 * share).toFixed(1)}%`, ...(color === null ? {} : { '--swatch': color }) },
  },
  h('input', { type: 'checkbox', checked: isChosen, 'aria-label': label, title: `Add ${label}`, onChange: () => filter.toggle(facet, name) }),
  h('button', {
    className: 'facet-only', title: isAlone ? `${label}: show all again` : `${label}: show only this`, 'aria-pressed': isAlone,
    onClick: () => filter.only(facet, name),
  },
  color !== null && h('span', { className: 'swatch' }),
  h('span', { className: 'facet-name' }, breakable(words || label)),
  count >= 0 && h('span', { className: 'facet-count' }, count.toLocaleString('en'))),
  color !== null && h('button', {
    className: 'class-gallery', 'data-class-gallery': name, 'aria-label': `Show all of ${label}`, title: `Show all of this class in a gallery, the doubtful first`,
  }, h('span', { className: 'icon icon-grid' })));
}

/**
 * @param {{edited: {earliest: string, latest: string, n_known: number}, filter: FilterStore}} props
 */
function EditedFacet({ edited, filter }) {
  const { from, to } = SPANS.edited;
  const [first, last] = [edited.earliest.slice(0, 10), edited.latest.slice(0, 10)];
  const set = (/** @type {string | null} */ after, /** @type {string | null} */ before) => filter.setSpan('edited', after, before);
  const field = (/** @type {string} */ label, /** @type {string | null} */ value, /** @type {(text: string) => void} */ change) => h('label', null,
    h('span', { className: 'dim' }, label),
    h('input', { type: 'date', value: value ?? '', min: first, max: last, 'aria-label': `Edited ${label}`, onChange: (/** @type {any} */ event) => change(event.target.value) }));
  return h('section', { className: 'facet', 'aria-label': 'Time of edit' },
    h('div', { className: 'facet-head' },
      h('h3', null, 'Edited'),
      h('span', { className: 'spacer' }),
      (filter.state[from] ?? filter.state[to]) !== null && h('button', { className: 'quiet', onClick: () => filter.clear('edited'), 'aria-label': 'Clear time of edit' }, 'Clear')),
    h('div', { className: 'facet-span' },
      field('from', filter.state[from], (text) => set(text, filter.state[to])),
      field('to', filter.state[to], (text) => set(filter.state[from], text))),
    h('p', { className: 'dim facet-note' }, `Known of ${edited.n_known.toLocaleString('en')}, ${first} to ${last}`));
}

/** Letters of a condition on one line. */
const LONGEST_CHIP = 36;

/** What is active, above the map, and how many points fit. @param {{filter: FilterStore, counts: FacetCounts}} props */
export function FilterChips({ filter, counts }) {
  useStore(filter);
  const { facets, status } = useStore(counts);
  const chips = filter.chips();
  if (chips.length === 0) return null;
  const n = facets && status === 'ready' ? `${facets.n_matching.toLocaleString('en')} of ${facets.n_points.toLocaleString('en')} match` : 'counting …';
  return [
    status !== 'failed' && h('span', { key: 'count', className: 'chip-count', role: 'status' }, n),
    chips.map((chip) => h('button', {
      key: chip.words, className: 'chip', title: `Take away: ${chip.words}`, onClick: () => filter.remove(chip),
    },
    h('span', { className: 'visually-hidden' }, `Take away ${chip.words}`),
    h('span', { 'aria-hidden': true }, shortenName(chip.words, LONGEST_CHIP)),
    h('span', { 'aria-hidden': true }, '×'))),
    h('button', { key: 'clear', className: 'chip is-clear', onClick: () => filter.clear() }, 'Clear all'),
    facets && status === 'ready' && facets.n_matching === 0 && h('span', { key: 'why', className: 'chip-why' }, facets.why_empty),
  ];
}
