/** The form that starts an index run: what, into which collection, with which model and how. */

import { send } from '../send.mjs';
import { ask } from '../server.mjs';
import { SuperviselyChoice } from '../supervisely/source_choice.mjs';
import { Dialog } from '../worklists/dialog.mjs';
import { countText } from '../worklists/names.mjs';
import { h, useEffect, useState, useStore } from '../worklists/react.mjs';
import { messageOf } from '../worklists/store.mjs';
import { DatasetChoice } from './dataset_choice.mjs';
import { CheckField, ChoiceField, Submit, TextField } from './fields.mjs';
import { datasetsOf, deviceOptions, embedderOf, fitToCollection, MAX_UPLOAD_MB } from './index_order.mjs';
import { ModelTable } from './model_table.mjs';

/** @typedef {import('./index_order.mjs').IndexOrder} IndexOrder */
/** @typedef {import('./index_order.mjs').KnownCollection} KnownCollection */
/** @typedef {{models: import('./model_table.mjs').Model[], engines: string, collections: KnownCollection[]}} Known */
/** @typedef {(changes: Partial<IndexOrder>) => void} Change */

const MODES = /** @type {[string, string][]} */ ([
  ['', 'As the source suggests'], ['objects', 'Objects: one point for each labelled object'], ['images', 'Images: one point for each whole image'],
  ['both', 'Both objects and images'],
]);

/** @param {Change} change @param {keyof IndexOrder} field @returns {(value: string | boolean) => void} what a control tells */
const into = (change, field) => (value) => change({ [field]: value });

/** @param {{form: import('./index_form.mjs').IndexForm}} props */
export function IndexDialog({ form }) {
  const { isOpen } = useStore(form);
  return isOpen ? h(Form, { form }) : null;
}

/** @param {{form: import('./index_form.mjs').IndexForm}} props */
function Form({ form }) {
  const { order, step, words, offered, listing } = useStore(form);
  const known = useKnown();
  const change = (/** @type {Partial<IndexOrder>} */ changes) => form.change(fitToCollection({ ...order, ...changes }, 'collection' in changes ? known.collections : []));
  const isBusy = step !== 'open';
  return h(Dialog, { title: 'Index images', onClose: () => form.close() },
    h('form', { className: 'job-form', onSubmit: (/** @type {any} */ event) => { event.preventDefault(); void form.start(); } },
      offered !== null && h('p', { role: 'status' }, `${offered} is not indexed yet.`),
      h(SourceFields, { order, change, form }),
      h(TargetFields, { order, change, known }),
      h(ModelTable, { known, model: order.model, choose: (/** @type {string} */ model) => change({ model }) }),
      h(Options, { order, change, engines: known.engines, listing }),
      h('footer', null, h(Words, { step, words }), h('span', { className: 'spacer' }),
        h('button', { type: 'button', className: 'act', onClick: () => form.close() }, 'Close'),
        h(Submit, { isBusy }, 'Start indexing'))));
}

/** @param {{step: import('./index_form.mjs').Step, words: string}} props */
function Words({ step, words }) {
  const doing = { open: '', uploading: 'Uploading …', opening: 'Looking at the source …' }[step];
  if (doing) return h('p', { role: 'status', className: 'dim' }, doing);
  return words ? h('p', { role: 'alert', className: 'warning' }, words) : null;
}

/** @returns {Known} models and collections of the server; none until it has said so */
function useKnown() {
  const [known, setKnown] = useState(/** @type {Known} */ ({ models: [], engines: '', collections: [] }));
  useEffect(() => {
    Promise.all([ask(send, '/models'), ask(send, '/collections')]).then(
      ([{ models, engines }, collections]) => setKnown({ models, engines, collections }),
      (error) => setKnown({ models: [], engines: messageOf(error), collections: [] }),
    );
  }, []);
  return known;
}

/** @param {{order: IndexOrder, change: Change, form: import('./index_form.mjs').IndexForm}} props */
function SourceFields({ order, change, form }) {
  const { unpacked, listing: { status, names, absent } } = useStore(form);
  return h('fieldset', null, h('legend', null, 'Images'),
    h(TextField, {
      id: 'index-source', label: 'Source', value: order.source, change: into(change, 'source'), placeholder: '/data/photos or supervisely://123',
      note: status === 'asking' ? 'Looking for datasets …' : '', onBlur: () => void form.listDatasets(),
      help: 'A folder or annotation file on the server\'s machine, or an address. The format is recognised: Supervisely, COCO, YOLO, Pascal VOC, or folders of images named after their classes.',
    }),
    h(SuperviselyChoice, { onChoose: into(change, 'source') }),
    h('div', { className: 'field' },
      h('label', { htmlFor: 'index-upload' }, 'Or upload a zip archive'),
      h('input', { id: 'index-upload', type: 'file', accept: '.zip,application/zip', 'aria-describedby': 'index-upload-help', onChange: (/** @type {any} */ event) => void form.upload(event.target.files[0]) }),
      h('p', { id: 'index-upload-help', className: 'dim' }, unpacked || `At most ${MAX_UPLOAD_MB} MB. It is unpacked in the data directory, and stays there as long as its points are shown.`)),
    names.length > 0 && h(DatasetChoice, { names, absent, wanted: datasetsOf(order), change: (/** @type {string[]} */ datasets) => change({ datasets }) }));
}

/** @param {{order: IndexOrder, change: Change, known: Known}} props */
function TargetFields({ order, change, known }) {
  const { collections } = known;
  const target = collections.find(({ name }) => name === order.collection.trim());
  const isOther = target && target.embedder !== embedderOf(order.model);
  const help = target
    ? `It has ${countText(target.n_points, 'point')} by ${target.embedder}. Images that it knows are only embedded again if they changed.`
    : 'A new name makes a new collection. Leave it empty to name it after model and crops.';
  return h('fieldset', null, h('legend', null, 'Collection'),
    h(TextField, { id: 'index-collection', label: 'Collection name', value: order.collection, change: into(change, 'collection'), options: collections.map(({ name }) => name), help }),
    isOther && h('p', { role: 'alert', className: 'warning' }, `A collection holds embeddings of one model. Choose ${target.embedder} below, or another name.`));
}

/** @returns {string[] | null} devices of the machine that indexes; none until the server has said so, which takes seconds, and null if it does not know */
function useDevices() {
  const [devices, setDevices] = useState(/** @type {string[] | null} */ ([]));
  useEffect(() => {
    ask(send, '/models?with_devices=true').then(({ devices: known }) => setDevices(known), () => setDevices(null));
  }, []);
  return devices;
}

/** @param {{order: IndexOrder, change: Change, engines: string, listing: import('./index_form.mjs').Listing}} props */
function Options({ order, change, engines, listing }) {
  const devices = useDevices();
  return h('fieldset', null, h('legend', null, 'Options'),
    h(ChoiceField, { id: 'index-mode', label: 'What becomes a point', value: order.mode, change: into(change, 'mode'), options: MODES }),
    h('details', null, h('summary', null, 'Datasets, crops, device and more'),
      h('div', { className: 'fields' },
        listing.names.length === 0 && h(TextField, { id: 'index-datasets', label: 'Only these datasets', value: Array.isArray(order.datasets) ? order.datasets.join(', ') : order.datasets, change: into(change, 'datasets'), placeholder: 'all', help: datasetsHelp(listing) }),
        h(TextField, { id: 'index-padding', label: 'Padding of crops', value: order.padding, change: into(change, 'padding'), help: 'Pixels (8, -4) or a share of the longer side (0.1, 10%).' }),
        h(TextField, { id: 'index-min-size', label: 'Smallest object, px', inputMode: 'numeric', value: order.minSize, change: into(change, 'minSize'), help: 'Narrower or lower ones are skipped.' }),
        h(ChoiceField, { id: 'index-device', label: 'Device', value: order.device, change: into(change, 'device'), options: deviceOptions(devices, order.device), help: engines }),
        h(TextField, { id: 'index-batch-size', label: 'Batch size', inputMode: 'numeric', value: order.batchSize, placeholder: 'as suits the device', change: into(change, 'batchSize'), help: 'Crops embedded at a time; less needs less memory.' })),
      h(CheckField, { label: 'Replace what lies outside an object\'s shape by a flat colour', isOn: order.maskBackground, change: into(change, 'maskBackground') }),
      h(CheckField, { label: 'Embed everything anew, also what has not changed', isOn: order.force, change: into(change, 'force') }),
      h(CheckField, { label: 'supervisely:// only: list everything, not only what changed since the last run', isOn: order.full, change: into(change, 'full') })));
}

/** @param {import('./index_form.mjs').Listing} listing @returns {string} how datasets are written, and why they cannot be checked */
function datasetsHelp({ status, words }) {
  const why = status === 'failed' ? `They cannot be listed. ${words.replace(/\.?$/, '.')} ` : '';
  return `${why}Write names with commas between them. Datasets inside a named one are indexed too. Points of other datasets stay as they are.`;
}
