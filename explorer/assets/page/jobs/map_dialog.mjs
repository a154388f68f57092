/** The form that makes a map: method, meaning of near, and whether to begin anew. */

import { Dialog } from '../worklists/dialog.mjs';
import { shownName } from '../worklists/names.mjs';
import { h, useStore } from '../worklists/react.mjs';
import { CheckField, ChoiceField, Submit } from './fields.mjs';

/** @typedef {import('./jobs.mjs').Jobs} Jobs */
/** @typedef {import('./map_form.mjs').MapForm} MapForm */

const METRICS = /** @type {[string, string][]} */ ([['cosine', 'Cosine: the angle between embeddings'], ['euclidean', 'Euclidean: their distance']]);

/** @param {{jobs: Jobs}} props */
export function MapDialog({ jobs }) {
  const { isOpen } = useStore(jobs.mapForm);
  return isOpen ? h(Form, { jobs }) : null;
}

/** @param {{jobs: Jobs}} props */
function Form({ jobs }) {
  const form = jobs.mapForm;
  const { name, shownAs, hasMap } = useStore(jobs.open);
  const { collections } = useStore(jobs.known);
  const { methods, words, isSending, order: { collection } } = useStore(form);
  const isOfOpen = collection === null || collection === name;
  return h(Dialog, { title: `Make a map of ${isOfOpen ? shownAs : shownName(collections, collection)}`, onClose: () => form.close() },
    h('form', { className: 'job-form', onSubmit: (/** @type {any} */ event) => { event.preventDefault(); void form.start(name); } },
      methods.length > 0 && h(Fields, { form, hasMap: hasMap || !isOfOpen }),
      h('footer', null,
        methods.length === 0 && words === '' && h('p', { role: 'status', className: 'dim' }, 'Asking for the methods …'),
        words && h('p', { role: 'alert', className: 'warning' }, words), h('span', { className: 'spacer' }),
        h('button', { type: 'button', className: 'act', onClick: () => form.close() }, 'Close'),
        h(Submit, { isBusy: isSending || methods.length === 0 }, 'Make the map'))));
}

/** @param {{form: MapForm, hasMap: boolean}} props what there is to choose, once it is known: it moves nothing under a finger */
function Fields({ form, hasMap }) {
  const { methods, order: { method, metric, refit } } = useStore(form);
  return [
    h('fieldset', { key: 'method' }, h('legend', null, 'Method'), methods.map((one) => h(MethodChoice, { key: one.name, one, isChosen: one.name === method, form }))),
    h(ChoiceField, { key: 'metric', id: 'map-metric', label: 'Near means', value: metric, change: (/** @type {string} */ value) => form.change({ metric: value }), options: METRICS }),
    hasMap && h(CheckField, {
      key: 'refit', label: 'Begin anew; without it, the newest map of this method is brought up to date', isOn: refit,
      change: (/** @type {boolean} */ isOn) => form.change({ refit: isOn }),
    }),
  ];
}

/** @param {{one: import('./map_form.mjs').Method, isChosen: boolean, form: MapForm}} props */
function MethodChoice({ one, isChosen, form }) {
  return h('label', { className: 'radio' },
    h('input', { type: 'radio', name: 'map-method', checked: isChosen, autoFocus: isChosen, onChange: () => form.change({ method: one.name }) }),
    h('span', null, h('strong', null, one.name), ' ', h('span', { className: 'dim' }, one.description)));
}
