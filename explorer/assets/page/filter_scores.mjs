/** The facet of suspect scores: a histogram that a drag brushes, and two numbers for hands that do not drag. */

import { h, useEffect, useState, useStore } from './worklists/react.mjs';

/** @typedef {import('./filter_store.mjs').FilterStore} FilterStore */

const N_BINS = 20;
const HEIGHT = 44;

/** @param {number} place of an edge between bins, 0 to `N_BINS` @returns {string} such as "0.95" */
const edgeText = (place) => String(place / N_BINS);

/** @param {{scores: number[] | null, filter: FilterStore}} props */
export function ScoreFacet({ scores, filter }) {
  const { score_from: from, score_to: to } = useStore(filter);
  const isActive = from !== null || to !== null;
  if (scores === null && !isActive) {
    return h('section', { className: 'facet', 'aria-label': 'Suspect score' },
      h('div', { className: 'facet-head' }, h('h3', null, 'Suspect score')),
      h('p', { className: 'dim facet-note' }, 'Not computed yet. The Suspects tab or colouring by score computes it.'));
  }
  return h('section', { className: 'facet', 'aria-label': 'Suspect score' },
    h('div', { className: 'facet-head' },
      h('h3', null, 'Suspect score'),
      h('span', { className: 'spacer' }),
      isActive && h('button', { className: 'quiet', onClick: () => filter.clear('score'), 'aria-label': 'Clear suspect score' }, 'Clear')),
    scores && h(Histogram, { scores, filter }),
    h('div', { className: 'facet-span' },
      h(Bound, { label: 'from', value: from, fallback: '0', onChange: (/** @type {string} */ text) => filter.setSpan('score', text, to) }),
      h(Bound, { label: 'to', value: to, fallback: '1', onChange: (/** @type {string} */ text) => filter.setSpan('score', from, text) })));
}

/**
 * A number that counts when it is complete: on Enter, when the field is left, or by its arrows.
 * @param {{label: string, value: string | null, fallback: string, onChange: (text: string) => void}} props
 */
function Bound({ label, value, fallback, onChange }) {
  const [text, setText] = useState(value ?? fallback);
  useEffect(() => setText(value ?? fallback), [value, fallback]);
  const apply = () => { if (text !== (value ?? fallback)) onChange(text); };
  return h('label', null,
    h('span', { className: 'dim' }, label),
    h('input', {
      type: 'number', min: 0, max: 1, step: 0.05, value: text, 'aria-label': `Suspect score ${label}`, onBlur: apply,
      onChange: (/** @type {any} */ event) => setText(event.target.value),
      onKeyDown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter') apply(); },
    }));
}

/** @param {{scores: number[], filter: FilterStore}} props */
function Histogram({ scores, filter }) {
  const { score_from: from, score_to: to } = useStore(filter);
  const [brush, setBrush] = useState(/** @type {[number, number] | null} */ (null));
  const most = Math.max(1, ...scores);
  const [low, high] = brush ? brushed(brush) : [Number(from ?? 0) * N_BINS, Number(to ?? 1) * N_BINS];
  const placeOf = (/** @type {any} */ event) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(N_BINS - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * N_BINS)));
  };
  const finish = () => {
    if (!brush) return;
    const [first, last] = brushed(brush);
    setBrush(null);
    filter.setSpan('score', edgeText(first), edgeText(last));
  };
  return h('svg', {
    className: 'histogram', viewBox: `0 0 ${N_BINS} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': true,
    onPointerDown: (/** @type {any} */ event) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      setBrush([placeOf(event), placeOf(event)]);
    },
    onPointerMove: (/** @type {any} */ event) => { if (brush) setBrush([brush[0], placeOf(event)]); },
    onPointerUp: finish,
    onPointerCancel: () => setBrush(null),
  },
  h('title', null, 'Drag over the bars to choose scores'),
  scores.map((count, bin) => {
    const height = count === 0 ? 0 : Math.max(1.5, (count / most) * (HEIGHT - 2));
    const isIn = bin + 1 > low && bin < high;
    return h('g', { key: bin },
      h('rect', { className: 'histogram-room', x: bin, y: 0, width: 1, height: HEIGHT }),
      h('rect', { className: isIn ? 'histogram-bar is-in' : 'histogram-bar', x: bin + 0.08, y: HEIGHT - height, width: 0.84, height },
        h('title', null, `${edgeText(bin)} to ${edgeText(bin + 1)}: ${count.toLocaleString('en')}`)));
  }));
}

/** @param {[number, number]} bins where a drag began and is @returns {[number, number]} edges around them */
function brushed([start, end]) {
  return [Math.min(start, end), Math.max(start, end) + 1];
}
