/** The switch of the centre's views, and what a gallery or table is ordered by. */

import { countText } from '../worklists/names.mjs';
import { h, useStore } from '../worklists/react.mjs';
import { SelectionSteps } from './selection_tools.mjs';
import { isList, LARGEST_PX, ORDERS, SMALLEST_PX, VIEWS } from './view_state.mjs';

/** @typedef {import('./view_state.mjs').ViewState} ViewState */
/** @typedef {import('./gallery_list.mjs').GalleryList} GalleryList */

const SIZE_STEP_PX = 16;

/** @param {{look: ViewState, list: GalleryList | null, selecting: import('./selecting.mjs').Selecting}} props */
export function ViewsBar({ look, list, selecting }) {
  const { view } = useStore(look);
  return [
    h('div', { key: 'switch', className: 'views-switch', role: 'radiogroup', 'aria-label': 'View' },
      VIEWS.map(({ key, title, hint }) => h('label', { key, title: hint, className: key === view ? 'is-chosen' : '' },
        h('input', { type: 'radio', name: 'centre-view', value: key, checked: key === view, className: 'visually-hidden', onChange: () => look.set({ view: key }) }),
        title))),
    !isList(view) && h(SelectionSteps, { key: 'steps', selecting }),
    isList(view) && list !== null && h(Order, { key: 'order', look, list }),
  ];
}

/** @param {{look: ViewState, list: GalleryList}} props */
function Order({ look, list }) {
  const { view, order, descending, sizePx, like } = useStore(look);
  const { status, cards } = useStore(list);
  const direction = descending ? 'greatest first' : 'least first';
  return h('div', { className: 'views-order' },
    h('span', { className: 'views-count', role: 'status' }, status === 'ready' ? countText(cards.length, 'point') : 'Loading …'),
    like.length === 0 && h('label', { className: 'views-sort' },
      h('span', { className: 'dim' }, 'by'),
      h('select', { 'aria-label': 'Order by', value: order, onChange: (/** @type {any} */ event) => look.orderBy(event.target.value) },
        ORDERS.map(({ key, title }) => h('option', { key, value: key }, title)))),
    like.length === 0 && h('button', { className: 'quiet', 'aria-label': `Turn the order around: ${direction}`, title: direction, onClick: () => look.orderBy(order) }, descending ? '↓' : '↑'),
    view === 'gallery' && h('input', {
      type: 'range', min: SMALLEST_PX, max: LARGEST_PX, step: SIZE_STEP_PX, value: sizePx, 'aria-label': 'Size of crops', title: 'Size of crops',
      onChange: (/** @type {any} */ event) => look.resize(Number(event.target.value)),
    }));
}

/** What the list is similar to, if it is. @param {{look: ViewState}} props */
export function Examples({ look }) {
  const { like, unlike, onePerImage, isDiverse } = useStore(look);
  if (like.length === 0 && unlike.length === 0) return null;
  const words = [like.length > 0 && `like ${countText(like.length, 'point')}`, unlike.length > 0 && `unlike ${unlike.length}`].filter(Boolean).join(', ');
  const box = (/** @type {string} */ title, /** @type {'onePerImage' | 'isDiverse'} */ name, /** @type {boolean} */ value) => h('label', null,
    h('input', { type: 'checkbox', checked: value, onChange: () => look.set(/** @type {any} */ ({ [name]: !value })) }), ` ${title}`);
  return h('div', { className: 'views-examples', role: 'group', 'aria-label': 'Find similar' },
    h('strong', null, like.length > 0 ? `Most ${words}` : `Choose points that the others should be like; ${words}`),
    like.length > 0 && box('one per image', 'onePerImage', onePerImage),
    like.length > 0 && box('more diverse', 'isDiverse', isDiverse),
    h('button', { className: 'quiet', onClick: () => look.clearExamples() }, 'Show all again'));
}
