/** Dialog that saves points with the classes that people accepted: as a download, or as files on the server's machine. */

import { Dialog } from './dialog.mjs';
import { exportText } from './export_table.mjs';
import { countText } from './names.mjs';
import { pause } from './pause.mjs';
import { h, useEffect, useState } from './react.mjs';
import { messageOf } from './store.mjs';

/** @typedef {import('./card_worklist.mjs').Tools} Tools */
/** @typedef {{name: string, description: string}} Format as the api's catalogue has it */

const DOWNLOADS = [
  { name: 'csv', description: 'CSV table, downloaded: class, accepted class, image and box of each point', type: 'text/csv', ending: 'csv' },
  { name: 'ids', description: 'Ids, downloaded: one on each line', type: 'text/plain', ending: 'txt' },
];

/** @param {{tools: Tools, onClose: () => void}} props */
export function ExportDialog({ tools, onClose }) {
  const [ids, setIds] = useState(/** @type {string[]} */ ([]));
  const [what, setWhat] = useState('all');
  const [format, setFormat] = useState('csv');
  const [folder, setFolder] = useState('');
  const [state, setState] = useState({ isBusy: false, isError: false, words: '' });
  const formats = useServerFormats(tools);
  const conditions = tools.api.conditions();
  const nMatching = useMatching(tools, conditions);
  useEffect(() => {
    tools.selectedIds().then((found) => {
      setIds(found);
      if (found.length > 0) setWhat('selection');
    }, () => setIds([]));
  }, []);
  const isDownload = DOWNLOADS.some(({ name }) => name === format);
  const tell = (/** @type {string} */ words) => setState({ isBusy: true, isError: false, words });
  const canSave = !state.isBusy && (isDownload || folder.trim() !== '');
  const save = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (!canSave) return;
    tell('Working …');
    const wanted = filterOf(what, ids, conditions);
    try {
      const words = isDownload ? await saveHere(tools, format, what, wanted, tell) : await saveThere(tools, format, wanted, folder, tell);
      setState({ isBusy: false, isError: false, words });
    } catch (error) {
      setState({ isBusy: false, isError: true, words: messageOf(error) });
    }
  };
  return h(Dialog, { title: 'Export', onClose }, h('form', { onSubmit: save },
    h('fieldset', null, h('legend', null, 'Points'),
      radio('what', 'all', what, setWhat, 'All of the collection'),
      nMatching !== null && radio('what', 'filter', what, setWhat, `What the filter leaves: ${countText(nMatching, 'point')}`),
      radio('what', 'selection', what, setWhat, ids.length > 0 ? `Selection: ${countText(ids.length, 'point')}` : 'Selection: nothing is selected on the map', ids.length === 0)),
    h('fieldset', null, h('legend', null, 'Format'),
      DOWNLOADS.map((one) => radio('format', one.name, format, setFormat, one.description)),
      formats.map((one) => radio('format', `server-${one.name}`, format, setFormat, `${one.name}: files on the server's machine. ${one.description}`))),
    !isDownload && h('label', { className: 'folder' }, 'Folder on the server\'s machine',
      h('input', { value: folder, placeholder: '/data/export', onChange: (/** @type {any} */ event) => setFolder(event.target.value) })),
    h('p', { role: 'status', className: state.isError ? 'warning' : 'dim' }, state.words),
    h('footer', null,
      h('span', { className: 'spacer' }),
      h('button', { type: 'button', className: 'act', onClick: onClose }, 'Close'),
      h('button', { className: 'act is-main', disabled: !canSave }, 'Save'))));
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
 * @param {Tools} tools
 * @param {string} format
 * @param {string} what
 * @param {{ids?: string[]}} wanted conditions on the points
 * @param {(words: string) => void} tell
 */
async function saveHere(tools, format, what, wanted, tell) {
  const told = (/** @type {number} */ nDone) => tell(`${countText(nDone, 'point')} read …`);
  const text = await exportText(tools, /** @type {'ids' | 'csv'} */ (format), what === 'selection' ? wanted.ids ?? [] : null, told, wanted);
  const { type, ending } = DOWNLOADS.find(({ name }) => name === format) ?? DOWNLOADS[0];
  const name = `${what === 'all' ? tools.collection.name : what}.${ending}`;
  download(name, text, type);
  return `${name} was saved.`;
}

/**
 * @param {Tools} tools
 * @param {string} format
 * @param {{ids?: string[]}} wanted conditions on the points
 * @param {string} folder
 * @param {(words: string) => void} tell
 */
async function saveThere({ api }, format, wanted, folder, tell) {
  const filter = Object.keys(wanted).length === 0 ? null : wanted;
  const run = await api.post('/exports', { folder: folder.trim(), format: format.replace('server-', ''), filter });
  const { n_points: nPoints, path } = await api.finish(run, ({ stage, done, total }) => tell(`${stage}: ${done.toLocaleString('en')}${total ? ` of ${total.toLocaleString('en')}` : ''} …`), pause);
  return `${countText(nPoints, 'point')} written to ${path}.`;
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
    h('input', { type: 'radio', name, value, checked: value === chosen, disabled, onChange: () => choose(value) }), words);
}

/** @param {string} name @param {string} text @param {string} type */
function download(name, text, type) {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(new Blob([text], { type }));
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(anchor.href);
}
