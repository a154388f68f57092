/** The panel of what is similar, beside the point that is looked at. */

import { breakable } from '../cards.mjs';
import { FilterWidth } from '../filter_width.mjs';
import { askingWords } from '../search/model_state.mjs';
import { sentence } from '../server.mjs';
import { wordsAmong } from '../../map/short_names.mjs';
import { classLabel } from '../worklists/names.mjs';
import { h, useStore } from '../worklists/react.mjs';
import { BothClasses } from './both_classes.mjs';
import { mostOf } from './similar_store.mjs';

/** @typedef {import('./similar_store.mjs').SimilarStore} SimilarStore */
/** @typedef {import('./similar_store.mjs').Neighbor} Neighbor */
/** @typedef {import('./similar_store.mjs').Example} Example */
/** @typedef {import('../class_colors.mjs').ColorOf} ColorOf */

/** Letters of a class below a neighbor: three lines. */
const LONGEST_NAME = 24;

/** @param {{example: Example | null, isAsking: boolean}} state of the store @returns {boolean} whether the panel has anything to show */
export function showsAny({ example, isAsking }) {
  return example !== null || isAsking;
}

/**
 * @typedef {object} Props
 * @property {SimilarStore} store
 * @property {import('../point/point_store.mjs').PointStore} lookedAt
 * @property {() => import('../worklists/examples.mjs').Examples | undefined} examples of the open collection
 * @property {ColorOf} colorOf
 */

/** @param {Props} props */
export function SimilarPanel({ store, lookedAt, examples, colorOf }) {
  const { example, neighbors, why, isAsking, loads, fault } = useStore(store);
  if (!showsAny({ example, isAsking })) return null;
  const asking = isAsking && h('p', { key: 'asking', className: 'dim is-late', role: 'status' }, askingWords(loads));
  if (example === null) return asking;
  const most = mostOf(neighbors);
  return [
    h(Title, { key: 'title', example, most, nFound: neighbors.length, colorOf }),
    h(FilterWidth, { key: 'width', store }),
    asking,
    fault && h('div', { key: 'fault', className: 'dock-absent', role: 'alert' },
      h('p', null, fault), h('button', { className: 'act', onClick: () => store.searchAgain() }, 'Retry')),
    !fault && neighbors.length === 0 && h('p', { key: 'none', className: 'dim' }, `${sentence(why || (example.kind === 'image' ? 'there is no point here' : 'there is no other point'))}.`),
    h(Found, { key: 'found', store, lookedAt, examples, colorOf }),
  ];
}

/** @param {Props} props what was found; of a suspect, also which neighbors speak, and what both classes look like */
function Found({ store, lookedAt, examples, colorOf }) {
  const { example, neighbors, isAsking } = useStore(store);
  const { id, suspect } = useStore(lookedAt);
  const [known, kept] = [example?.kind === 'point' && example.id === id && suspect?.id === id ? suspect : null, examples()];
  const most = mostOf(neighbors);
  const words = wordsAmong([...new Set(neighbors.map(({ point }) => classLabel(point.class_name)))], LONGEST_NAME);
  const evidence = new Set(known?.evidence);
  return [
    h('div', { key: 'grid', className: 'neighbor-grid', 'aria-busy': isAsking },
      neighbors.map((neighbor) => h(NeighborCard, {
        key: neighbor.point.id, store, neighbor, words, most: most.name, doAgree: 2 * most.count > neighbors.length,
        speaks: evidence.has(neighbor.point.id), colorOf,
      }))),
    neighbors.some(({ point }) => evidence.has(point.id)) && h('p', { key: 'note', className: 'evidence-note' }, 'neighbors that the reason counts'),
    known && kept && h(BothClasses, { key: `classes of ${known.id}`, suspect: known, examples: kept, store, colorOf }),
  ];
}

/**
 * What neighbors are of, and what most of them are.
 * @param {{example: Example, most: {name: string | null, count: number}, nFound: number, colorOf: ColorOf}} props
 */
function Title({ example, most: { name, count }, nFound, colorOf }) {
  if (example.kind === 'image') {
    return h('div', { className: 'upload-title' }, h('img', { src: example.url, alt: example.name }),
      h('div', null, h('h2', { className: 'section' }, 'Nearest to'), h('span', null, example.name)),
      h('span', { className: 'spacer' }), h('button', { className: 'quiet', 'data-similar': 'leave', title: 'Leave what was found (Esc)' }, 'Close'));
  }
  if (example.kind === 'box') {
    const [left, top, right, bottom] = example.box;
    return h('div', { className: 'row neighbors-head' },
      h('h2', { className: 'section' }, 'Nearest to the drawn box'), h('span', { className: 'dim' }, `${right - left} × ${bottom - top} px`),
      h('span', { className: 'spacer' }), h('button', { className: 'quiet', 'data-box-search': 'clear' }, 'Back to the point'));
  }
  return h('div', { className: 'row neighbors-head' },
    h('h2', { className: 'section' }, 'Nearest neighbors'), h('span', { className: 'spacer' }),
    count > 0 && h('span', { className: 'claim' },
      h('span', { className: 'dim' }, `${count} of ${nFound} are`),
      h('span', { className: 'swatch', style: { '--swatch': colorOf(name) } }), h('span', null, breakable(classLabel(name)))));
}

/**
 * A neighbor. One of another class than most says which, and stands out if most of them agree.
 * @param {{store: SimilarStore, neighbor: Neighbor, words: Map<string, string>, most: string | null, doAgree: boolean, speaks: boolean, colorOf: ColorOf}} props `speaks` if it is one of those that the reason counts
 */
function NeighborCard({ store, neighbor: { point, score }, words, most, doAgree, speaks, colorOf }) {
  const name = classLabel(point.class_name);
  const isOther = point.class_name !== most;
  const word = isOther ? words.get(name) ?? name : name;
  return h('button', {
    className: `neighbor${isOther && doAgree ? ' is-dissenting' : ''}${speaks ? ' is-evidence' : ''}`, 'data-point-id': point.id,
    title: `${name}, similarity ${score.toFixed(4)}${speaks ? ', counted in the reason' : ''}, ${point.image_name}`,
  },
  h('img', { src: store.pictureUrl(point.id), alt: '' }),
  h('span', null, h('span', { className: 'swatch', style: { '--swatch': colorOf(point.class_name) } }), h('span', { className: 'card-score' }, score.toFixed(2))),
  h('span', { className: isOther ? 'card-class' : 'visually-hidden' }, breakable(word)));
}
