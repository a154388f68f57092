/** Dialog that saves points as a file, with the classes that people accepted. */

import { Dialog } from './dialog.mjs';
import { exportText } from './export_table.mjs';
import { countText } from './names.mjs';
import { h, useEffect, useState } from './react.mjs';
import { messageOf } from './store.mjs';

/** @typedef {'ids' | 'csv'} Format */

const FORMATS = [
  { format: 'csv', words: 'CSV table', note: 'class, accepted class, image and box of each point', type: 'text/csv' },
  { format: 'ids', words: 'Ids', note: 'one id on each line', type: 'text/plain' },
];

/** @param {{tools: import('./card_worklist.mjs').Tools, onClose: () => void}} props */
export function ExportDialog({ tools, onClose }) {
  const [ids, setIds] = useState(/** @type {string[]} */ ([]));
  const [what, setWhat] = useState('all');
  const [format, setFormat] = useState('csv');
  const [state, setState] = useState({ isBusy: false, words: '' });
  useEffect(() => {
    tools.selectedIds().then((found) => {
      setIds(found);
      if (found.length > 0) setWhat('selection');
    }, () => setIds([]));
  }, []);
  const save = async () => {
    setState({ isBusy: true, words: 'Reading …' });
    try {
      const chosen = what === 'selection' ? ids : null;
      const text = await exportText(tools, /** @type {Format} */ (format), chosen, (nDone) => setState({ isBusy: true, words: `${countText(nDone, 'point')} read …` }));
      download(`${what === 'selection' ? 'selection' : tools.collection.name}.${format === 'ids' ? 'txt' : 'csv'}`, text, FORMATS.find((one) => one.format === format)?.type ?? '');
      onClose();
    } catch (error) {
      setState({ isBusy: false, words: messageOf(error) });
    }
  };
  return h(Dialog, { title: 'Export', onClose },
    h('fieldset', null, h('legend', null, 'Points'),
      radio('what', 'all', what, setWhat, 'All of the collection'),
      radio('what', 'selection', what, setWhat, ids.length > 0 ? `Selection: ${countText(ids.length, 'point')}` : 'Selection: nothing is selected on the map', ids.length === 0)),
    h('fieldset', null, h('legend', null, 'Format'),
      FORMATS.map((one) => radio('format', one.format, format, setFormat, `${one.words}: ${one.note}`))),
    h('footer', null,
      h('span', { role: 'status', className: state.isBusy ? 'dim' : 'warning' }, state.words),
      h('span', { className: 'spacer' }),
      h('button', { className: 'act is-main', disabled: state.isBusy, onClick: save }, 'Save')));
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
