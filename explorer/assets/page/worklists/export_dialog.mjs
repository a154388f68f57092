/** Dialog that saves points with the classes that people accepted: as a download, or as files on the server's machine. */

import { saveFrom, saveText } from '../save_file.mjs';
import { Dialog } from './dialog.mjs';
import { countText } from './names.mjs';
import { h, useEffect, useMemo, useState, useStore } from './react.mjs';
import { Saving, TABLES } from './saving.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */
/** @typedef {{name: string, description: string}} Format as the api's catalogue has it */

/** @param {{tools: Tools, onClose: () => void}} props */
export function ExportDialog({ tools, onClose }) {
  const [ids, setIds] = useState(/** @type {string[]} */ ([]));
  const [chosen, setWhat] = useState(/** @type {any} */ (null));
  const [format, setFormat] = useState('csv');
  const [chosenFolder, setFolder] = useState(/** @type {string | null} */ (null));
  const saving = useMemo(() => new Saving(tools, { giveText: saveText, giveFile: saveFrom }), []);
  const formats = useServerFormats(tools);
  const conditions = tools.api.conditions();
  const nMatching = useMatching(tools, conditions);
  useEffect(() => {
    tools.selectedIds().then(setIds, () => setIds([]));
  }, []);
  const what = chosen ?? (ids.length > 0 ? 'selection' : 'all');
  const isTable = TABLES.some(({ name }) => name === format);
  const folder = isTable ? null : chosenFolder;
  const save = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (saving.state.isBusy || folder?.trim() === '') return;
    void saving.save({ format, what, conditions: filterOf(what, ids, conditions), folder: folder?.trim() ?? null });
  };
  return h(Dialog, { title: 'Export', onClose }, h('form', { onSubmit: save },
    h('fieldset', null, h('legend', null, 'Points'),
      radio('what', 'all', what, setWhat, 'All of the collection'),
      nMatching !== null && radio('what', 'filter', what, setWhat, `What the filter leaves: ${countText(nMatching, 'point')}`),
      radio('what', 'selection', what, setWhat, ids.length > 0 ? `Selection: ${countText(ids.length, 'point')}` : 'Selection: nothing is selected on the map', ids.length === 0)),
    h('fieldset', null, h('legend', null, 'Format'),
      TABLES.map((one) => radio('format', one.name, format, setFormat, one.description)),
      formats.map((one) => radio('format', `server-${one.name}`, format, setFormat, formatText(one)))),
    !isTable && h(Where, { folder, setFolder }),
    h(Foot, { saving, canSave: folder === null || folder.trim() !== '', onClose })));
}

/** @param {{folder: string | null, setFolder: (folder: string | null) => void}} props where the server's file goes; null for a download */
function Where({ folder, setFolder }) {
  const set = (/** @type {string} */ place) => setFolder(place === 'folder' ? '' : null);
  const place = folder === null ? 'download' : 'folder';
  return h('fieldset', null, h('legend', null, 'Where'),
    radio('place', 'download', place, set, 'Download'),
    radio('place', 'folder', place, set, 'A folder on the server\'s machine'),
    folder !== null && h('label', { className: 'folder' }, 'Path of the folder',
      h('input', { value: folder, title: folder, placeholder: '/data/export', onChange: (/** @type {any} */ event) => setFolder(event.target.value) })));
}

/** @param {{saving: Saving, canSave: boolean, onClose: () => void}} props how far it is, and what can be done */
function Foot({ saving, canSave, onClose }) {
  const { isBusy, isStopping, isError, words } = useStore(saving);
  return [
    h('p', { key: 'words', role: 'status', className: isError ? 'warning' : 'dim' }, words),
    h('footer', { key: 'foot' },
      h('span', { className: 'spacer' }),
      isBusy && h('button', { type: 'button', className: 'act', disabled: isStopping, onClick: () => void saving.stop() }, isStopping ? 'Stopping …' : 'Stop'),
      h('button', { type: 'button', className: 'act', onClick: onClose }, 'Close'),
      h('button', { className: 'act is-main', disabled: isBusy || !canSave }, 'Save')),
  ];
}

/**
 * @param {string} what all, selection or filter
 * @param {string[]} ids of the selection
 * @param {object} conditions of the page's filter
 * @returns {{ids?: string[]}} conditions on the points to save; none for all
 */
function filterOf(what, ids, conditions) {
  if (what === 'filter') return conditions;
  return what === 'selection' ? { ids } : {};
}

/** @param {Format} format @returns {string} such as "coco: an annotation in COCO's form for each point" */
function formatText({ name, description }) {
  const rest = description.replace(/\.$/, '').replace(/^Write /, '');
  return `${name}: ${rest}`;
}

/** @param {Tools} tools @param {object} conditions @returns {number | null} how many points fit; null for no conditions */
function useMatching({ api }, conditions) {
  const [n, setN] = useState(/** @type {number | null} */ (null));
  useEffect(() => {
    if (Object.keys(conditions).length > 0) api.post('/facets', conditions).then((found) => setN(found.n_matching), () => setN(null));
  }, []);
  return n;
}

/** @param {Tools} tools @returns {Format[]} what the server writes; none until it has said so */
function useServerFormats(tools) {
  const [formats, setFormats] = useState(/** @type {Format[]} */ ([]));
  useEffect(() => {
    tools.api.getCatalogue().then(({ export_formats: found }) => setFormats(found), () => setFormats([]));
  }, []);
  return formats;
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} chosen
 * @param {(value: string) => void} choose
 * @param {string} words
 * @param {boolean} disabled
 */
function radio(name, value, chosen, choose, words, disabled = false) {
  return h('label', { key: value, className: 'radio' },
    h('input', { type: 'radio', name, value, checked: value === chosen, disabled, onChange: () => choose(value), onClick: () => choose(value) }), words); // a click on the one that is taken is a choice, too
}
