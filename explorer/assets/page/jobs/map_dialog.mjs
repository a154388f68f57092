/** The form that makes a map: method, meaning of near, and whether to begin anew. */

import { send } from '../send.mjs';
import { ask } from '../server.mjs';
import { Dialog } from '../worklists/dialog.mjs';
import { h, useEffect, useState, useStore } from '../worklists/react.mjs';
import { messageOf } from '../worklists/store.mjs';
import { CheckField, ChoiceField } from './fields.mjs';

/** @typedef {{name: string, description: string}} Method */
/** @typedef {import('./jobs.mjs').Jobs} Jobs */

const METRICS = /** @type {[string, string][]} */ ([['cosine', 'Cosine: the angle between embeddings'], ['euclidean', 'Euclidean: their distance']]);

/** @param {{jobs: Jobs}} props */
export function MapDialog({ jobs }) {
  const { isOpen } = useStore(jobs.mapForm);
  return isOpen ? h(Form, { jobs }) : null;
}

/** @param {{jobs: Jobs}} props */
function Form({ jobs }) {
  const { name, shownAs, hasMap } = useStore(jobs.open);
  const [methods, setMethods] = useState(/** @type {Method[]} */ ([]));
  const [method, setMethod] = useState('umap');
  const [metric, setMetric] = useState('cosine');
  const [refit, setRefit] = useState(false);
  const [words, setWords] = useState('');
  useEffect(() => {
    ask(send, '/catalogue').then(({ projection_methods: found }) => setMethods(found), (error) => setWords(messageOf(error)));
  }, []);
  const start = async () => {
    setWords('');
    try {
      await jobs.runs.start({ kind: 'project', collection: name, method, metric, refit });
      jobs.mapForm.set({ isOpen: false });
      jobs.show();
    } catch (error) {
      setWords(messageOf(error));
    }
  };
  return h(Dialog, { title: `Make a map of ${shownAs}`, onClose: () => jobs.mapForm.set({ isOpen: false }) },
    h('form', { className: 'job-form', onSubmit: (/** @type {any} */ event) => { event.preventDefault(); void start(); } },
      h('fieldset', null, h('legend', null, 'Method'), methods.map((one) => h(MethodChoice, { key: one.name, one, method, setMethod }))),
      h(ChoiceField, { id: 'map-metric', label: 'Near means', value: metric, change: setMetric, options: METRICS }),
      hasMap && h(CheckField, { label: 'Begin anew; without it, the newest map of this method is brought up to date', isOn: refit, change: setRefit }),
      h('footer', null, words && h('p', { role: 'alert', className: 'warning' }, words), h('span', { className: 'spacer' }),
        h('button', { type: 'button', className: 'act', onClick: () => jobs.mapForm.set({ isOpen: false }) }, 'Close'),
        h('button', { type: 'submit', className: 'act is-main', disabled: methods.length === 0 }, 'Make the map'))));
}

/** @param {{one: Method, method: string, setMethod: (name: string) => void}} props */
function MethodChoice({ one, method, setMethod }) {
  return h('label', { className: 'radio' },
    h('input', { type: 'radio', name: 'map-method', checked: one.name === method, onChange: () => setMethod(one.name) }),
    h('span', null, h('strong', null, one.name), ' ', h('span', { className: 'dim' }, one.description)));
}
