/** The search box of the header, and what it found. */

import { FilterWidth } from '../filter_width.mjs';
import { API, sentence } from '../server.mjs';
import { withKey } from '../keys.mjs';
import { classLabel, countText, placeText } from '../worklists/names.mjs';
import { h, useEffect, useRef, useStore } from '../worklists/react.mjs';
import { askingWords } from './model_state.mjs';
import { outsideWords, whyNoWords } from './search_store.mjs';

/** @typedef {import('./search_store.mjs').FoundPoint} FoundPoint */
/** @typedef {import('./search.mjs').Search} Search */

const RESULTS_ID = 'search-results';
const CROP_PX = 128;

/** @param {{search: Search}} props */
export function SearchBox({ search }) {
  const { store } = search;
  const { text, isOpen } = useStore(store);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const leave = (/** @type {Event} */ { target }) => { if (target instanceof Node && !box.current?.contains(target)) store.close(); };
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, []);
  const key = (/** @type {any} */ event) => {
    event.stopPropagation(); // its keys are nobody else's
    if (event.key === 'Escape') store.close();
    if (event.key === 'ArrowDown') store.open();
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') step(event, box.current);
  };
  const choose = (/** @type {any} */ { target }) => { if (target.closest('[data-point-id]')) search.leave(); };
  return h('div', { className: 'search', role: 'search', ref: box, onKeyDown: key, onClick: choose },
    h('input', {
      type: 'search', id: 'search-text', value: text, placeholder: withKey('Words, file, id, class', '( / )'), 'aria-label': 'Search by words, file name, id or class',
      'aria-expanded': isOpen, 'aria-controls': RESULTS_ID, role: 'combobox', 'aria-autocomplete': 'none', autoComplete: 'off', spellCheck: false,
      onChange: (/** @type {any} */ event) => store.type(event.target.value), onFocus: () => store.open(), onClick: () => store.open(),
      onKeyDown: (/** @type {any} */ event) => { if (event.key === 'Enter') search.enter(); },
    }),
    h('div', { id: RESULTS_ID, className: 'search-results', role: 'region', 'aria-label': 'Search results', hidden: !isOpen }, isOpen && h(Results, { search })));
}

/** Arrow keys walk along the results. @param {KeyboardEvent} event @param {HTMLElement | null} box */
function step(event, box) {
  const places = /** @type {HTMLElement[]} */ ([...(box?.querySelectorAll('#search-text, .search-results button') ?? [])]);
  const now = places.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  places[now + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  event.preventDefault();
}

/** @param {{search: Search}} props */
function Results({ search }) {
  const { found, byWords, isAsking, loads, fault, text } = useStore(search.store);
  const info = useStore(search.info);
  const why = whyNoWords(info);
  return [
    isAsking && h('p', { key: 'asking', role: 'status', className: 'dim' }, askingWords(loads)),
    fault && h('p', { key: 'fault', role: 'alert', className: 'warning' }, fault),
    byWords && h(ByWords, { key: 'words', byWords, search }),
    found && !byWords && h(ByName, { key: 'names', found, search }),
    !byWords && (why
      ? h('p', { key: 'why', className: 'dim search-words' }, why)
      : h('button', { key: 'ask', className: 'act search-words', onClick: () => void search.store.findByWords() }, `Find pictures of “${text.trim()}”`)),
  ];
}

/** @param {{byWords: import('./search_store.mjs').ByWords, search: Search}} props */
function ByWords({ byWords, search }) {
  const { points, text, why } = byWords;
  return h('section', null,
    h('h3', null, `Nearest to “${text}”`),
    h(FilterWidth, { store: search.store }),
    points.length === 0 && h('p', { className: 'dim' }, `${sentence(why)}.`),
    h('div', { className: 'search-points' }, points.map(({ point, score }) => h(Point, { key: point.id, point, search, note: score.toFixed(2) }))));
}

/** @param {{found: import('./search_store.mjs').Found, search: Search}} props */
function ByName({ found, search }) {
  const { classes, points, n_classes: nClasses, n_points: nPoints } = found;
  const { isWide } = useStore(search.store);
  const outside = outsideWords(found);
  return [
    nClasses + nPoints === 0 && h('p', { key: 'none', className: 'dim' }, outside ? 'Nothing that fits the filter has this.' : 'No class, file name or id has this.'),
    (isWide || outside) && h(FilterWidth, { key: 'width', store: search.store, narrow: outside }),
    classes.length > 0 && h('section', { key: 'classes' },
      h('h3', null, foundWords(classes.length, nClasses, 'class', 'classes')),
      h('div', { className: 'search-classes' }, classes.map((one) => h(ClassChoice, { key: one.name, one, search })))),
    nPoints > 0 && h('section', { key: 'points' },
      h('h3', null, foundWords(points.length, nPoints, 'point')),
      h('div', { className: 'search-points' }, points.map((point) => h(Point, { key: point.id, point, search })))),
  ];
}

/** @param {number} nShown @param {number} nFound @param {string} noun @param {string} [many] @returns {string} for example "The first 50 of 121 classes" */
function foundWords(nShown, nFound, noun, many) {
  const words = countText(nFound, noun, many);
  return nShown < nFound ? `The first ${nShown} of ${words}` : words;
}

/** @param {{one: {name: string, count: number}, search: Search}} props */
function ClassChoice({ one, search }) {
  const color = search.colorOf(one.name);
  return h('button', { className: 'act', title: 'Select its points', onClick: () => void search.showClass(one.name) },
    h('span', { className: 'swatch', style: { '--swatch': color } }), one.name, h('span', { className: 'dim' }, one.count.toLocaleString('en')));
}

/** @param {{point: FoundPoint, search: Search, note?: string}} props */
function Point({ point, search, note = '' }) {
  const name = classLabel(point.class_name);
  const place = placeText(point);
  return h('button', { className: 'search-point', title: `${place}, ${name}`, 'data-point-id': point.id },
    h('img', { src: `${API}/collections/${encodeURIComponent(search.store.collection)}/points/${point.id}/crop?size=${CROP_PX}`, alt: '', loading: 'lazy' }),
    h('span', { className: 'search-place' }, point.image_name || place),
    h('span', { className: 'search-class' }, h('span', { className: 'swatch', style: { '--swatch': search.colorOf(point.class_name) } }), name, note && h('span', { className: 'dim' }, note)));
}
