/** How the list of clusters looks: typical examples, name, purity. */

import { shortNameAmong } from '../../map/short_names.mjs';
import { Absent, breakable, useFollowedCurrent } from '../cards.mjs';
import { GRAINS } from './cluster_grain.mjs';
import { clusterWords, ClusterWorklist } from './cluster_worklist.mjs';
import { countText, shortenClusterName } from './names.mjs';
import { h, useStore } from './react.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */
/** @typedef {import('./cluster_worklist.mjs').ClusterCard} ClusterCard */

const CROP_PX = 96;
const SHOWN = 6;
/** Letters of a class in the name of a cluster. */
const LONGEST_CLASS = 30;

/** @param {{worklist: ClusterWorklist}} props */
function View({ worklist }) {
  const state = useStore(worklist);
  const list = useFollowedCurrent(state.current);
  const isThere = state.status === 'ready' && state.cards.length > 0;
  const { whole } = useStore(worklist.tools.grain);
  return h('div', { className: 'worklist' },
    h('div', { className: 'list-head' },
      isThere && h('strong', null, countText(state.cards.length, whole ? 'part' : 'cluster')),
      whole && h(Whole, { worklist }),
      h(Grains, { worklist }),
      h('button', { className: 'quiet', title: 'Colour the map by these clusters', onClick: () => worklist.tools.colorBy('cluster') }, 'Colour the map'),
      isThere && h('span', { className: 'dim' }, `largest first; one click selects its points on the map${isPartly(state) ? ', as far as they fit the filter' : ''}`)),
    isThere
      ? h('div', { ref: list, className: 'cards clusters' }, state.cards.map((card) => h(ClusterButton, {
        key: card.id, card: /** @type {ClusterCard} */ (card), worklist, isCurrent: card.id === state.current,
      })))
      : h(Absent, { worklist, noun: 'cluster', empty: 'Too few similar points for a cluster. Five or more make one; try finer clusters.', isNarrowed: true }));
}

/** @param {import('./card_worklist.mjs').ListState} state @returns {boolean} whether the filter leaves out points of a listed cluster */
function isPartly({ cards }) {
  return /** @type {ClusterCard[]} */ (cards).some(({ cluster }) => cluster.n_matching < cluster.size);
}

/** @param {{worklist: ClusterWorklist}} props */
function Grains({ worklist }) {
  const { grain: now } = useStore(worklist.tools.grain);
  return h('span', { className: 'choices', role: 'group', 'aria-label': 'Size of clusters' },
    GRAINS.map((grain) => h('button', { key: grain.key, 'aria-pressed': grain === now, onClick: () => worklist.tools.grain.divide(grain) }, grain.words)));
}

/** Whose parts are listed, and the way back. @param {{worklist: ClusterWorklist}} props */
function Whole({ worklist }) {
  const name = worklist.whole ?? '…';
  return h('span', { className: 'cluster-whole' },
    h('span', null, 'of ', h('b', { title: name }, breakable(shortenClusterName(name, worklist.tools.collection.classes, LONGEST_CLASS)))),
    h('button', { className: 'quiet', onClick: () => worklist.tools.grain.close() }, 'Back to all'));
}

/** @param {{card: ClusterCard, worklist: ClusterWorklist, isCurrent: boolean}} props */
function ClusterButton({ card, worklist, isCurrent }) {
  const { api } = worklist.tools;
  const { name, n_matching: nMatching, purity, examples, dominant_class: dominant } = card.cluster;
  const { classes } = worklist.tools.collection;
  const most = dominant === name ? 'of this class' : shortNameAmong(classes, dominant ?? '', LONGEST_CLASS);
  const share = dominant === null ? 'without classes' : `${Math.round(100 * purity)} % ${most}`;
  const { grain } = worklist.tools;
  return h('div', { className: 'cluster-cell' },
    h('button', {
      className: `card cluster${isCurrent ? ' is-current' : ''}`, 'data-card': card.id, 'aria-pressed': card.id === worklist.shown,
      title: `Select ${countText(nMatching, 'point')} of ${name} on the map`, onClick: () => worklist.select(card),
    },
    h('span', { className: 'cluster-crops' },
      examples.slice(0, SHOWN).map(({ id }) => h('img', { key: id, src: api.cropUrl(id, CROP_PX), alt: '', loading: 'lazy' }))),
    h('span', { className: 'cluster-name' }, breakable(shortenClusterName(name, classes, LONGEST_CLASS))),
    h('span', { className: 'purity', style: { '--share': `${100 * purity}%`, '--swatch': worklist.tools.collection.colors[dominant ?? ''] ?? 'var(--dim)' }, 'aria-hidden': true }),
    h('span', { className: 'card-reason', title: dominant ?? '' }, clusterWords(card.cluster, share))),
    grain.finer && h('button', {
      className: 'quiet cluster-parts', 'aria-label': `Parts of ${name}`, title: `${grain.finer.words} clusters in this one`, onClick: () => grain.open(card.cluster.cluster),
    }, 'Parts'));
}

export const CLUSTERS = {
  key: 'clusters', title: 'Clusters', isNarrowed: true, hint: 'Groups of similar points', create: (/** @type {Tools} */ tools) => new ClusterWorklist(tools), View,
};
