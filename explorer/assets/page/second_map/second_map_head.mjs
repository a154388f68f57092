/** Over the second map: which one it is, its own view, and what is said of it. */

import { h, useStore } from '../worklists/react.mjs';
import { shownName } from '../worklists/names.mjs';
import { namesOfMaps } from './map_choice.mjs';

const ZOOM_STEP = 1.5;

/** @param {{second: import('./second_map.mjs').SecondMap}} props */
export function SecondMapHead({ second }) {
  const state = useStore(second);
  if (state.status === 'closed') return null;
  return [
    h('div', { key: 'tools', className: 'second-map-tools' },
      state.status === 'ready' && h(Zooming, { second }),
      state.maps.length > 0 && h(MapChoice, { second, state }),
      state.collections.length > 1 && h(CollectionChoice, { second, state })),
    h(Words, { key: 'words', second, state }),
  ];
}

/** @param {{second: import('./second_map.mjs').SecondMap}} props */
function Zooming({ second }) {
  const tool = (/** @type {string} */ icon, /** @type {string} */ title, /** @type {() => void} */ act) => h('button', { title, 'aria-label': `${title} (second map)`, onClick: act },
    h('span', { className: `icon ${icon}` }));
  return h('div', { className: 'map-tools', role: 'toolbar', 'aria-label': 'Second map tools' },
    tool('icon-plus', 'Zoom in', () => second.map?.viewport.zoomBy(ZOOM_STEP)),
    tool('icon-minus', 'Zoom out', () => second.map?.viewport.zoomBy(1 / ZOOM_STEP)),
    tool('icon-fit', 'Show everything', () => second.map?.viewport.fit({ isWhole: true })),
    h('button', { title: 'Save this map as PNG', 'aria-label': 'Save the second map as PNG', 'data-map-tool': 'second-png' }, h('span', { className: 'icon icon-download' })));
}

/** @typedef {{second: import('./second_map.mjs').SecondMap, state: import('./second_map.mjs').SecondMapState}} Props */

/** @param {Props} props */
function MapChoice({ second, state: { maps, chosen, first } }) {
  const named = namesOfMaps(maps, first);
  const title = named.find(({ id }) => id === chosen)?.words;
  return h('select', { 'aria-label': 'Second map', title, value: chosen ?? '', onChange: (/** @type {any} */ event) => second.choose(event.target.value) },
    named.map(({ id, words }) => h('option', { key: id, value: id }, words)));
}

/** @param {Props} props */
function CollectionChoice({ second, state: { collections, collection } }) {
  const title = shownName(collections, collection);
  return h('select', { 'aria-label': 'Collection of the second map', title, value: collection, onChange: (/** @type {any} */ event) => second.chooseCollection(event.target.value) },
    collections.map(({ name, display_name: shown }) => h('option', { key: name, value: name }, shown || name)));
}

/** @param {Props} props */
function Words({ second, state: { status, message, notes, maps } }) {
  if (status === 'failed') {
    return h('div', { className: 'second-map-failed', role: 'alert' },
      h('p', null, message), h('button', { className: 'act', onClick: () => void second.show() }, 'Retry'));
  }
  const isOnly = status === 'ready' && maps.length === 1;
  return h('div', { className: 'second-map-words', role: 'status' },
    status === 'waiting' && h('p', null, message || 'Waiting for the first map …'),
    status === 'loading' && h('p', null, 'Loading the second map …'),
    notes.map((note) => h('p', { key: note }, note)),
    isOnly && h('p', null, 'It is the only map so far. ', h('button', { className: 'quiet', 'data-job': 'map' }, 'Make another map')));
}
