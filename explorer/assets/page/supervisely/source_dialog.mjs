/** Dialog that chooses a project or data set of the Supervisely server and indexes it. */

import { COMPONENT } from '../component_ids.mjs';
import { byId } from '../elements.mjs';
import { readLink, writeLink } from '../link.mjs';
import { SuperviselyTree } from '../supervisely_tree.mjs';
import { Dialog } from '../worklists/dialog.mjs';
import { createRoot, h, useEffect, useState } from '../worklists/react.mjs';
import { messageOf } from '../worklists/store.mjs';
import { askApi } from './asking.mjs';

const LOOK_MS = 1000;
/** In the page's address: the source that the page was opened on and that is not indexed yet. */
const OFFERED = 'index';

/** @param {any} run @returns {string} */
const collectionOf = (run) => run.result?.collection ?? run.collection ?? '';

/**
 * The tree in a form that asks for a source; absent unless the api's environment names a server.
 * @param {{onChoose: (source: string) => void}} props
 */
export function SuperviselyChoice({ onChoose }) {
  const address = useServer();
  const [isOpen, setOpen] = useState(false);
  if (address === null) return null;
  return h('details', { onToggle: (/** @type {any} */ event) => setOpen(event.currentTarget.open) },
    h('summary', null, 'Or choose a project on Supervisely'),
    isOpen && h(SuperviselyTree, { onChoose }));
}

/** @returns {string | null} address of the server that the api's environment names */
function useServer() {
  const [address, setAddress] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    askApi('/supervisely').then(({ address: found }) => setAddress(found), () => setAddress(null));
  }, []);
  return address;
}

/** Draws the button into the page's head, and opens the dialog if the page was opened on a project. */
export function addSourceButton() {
  const offered = readLink(OFFERED);
  createRoot(byId(COMPONENT.headerPlatform)).render(h(SourceButton, { offered }));
  if (offered !== null) writeLink({ [OFFERED]: null });
}

/** @param {{offered: string | null}} props absent unless the api's environment names a server */
function SourceButton({ offered }) {
  const address = useServer();
  const [isOpen, setOpen] = useState(offered !== null);
  if (address === null) return null;
  return [
    h('button', { key: 'button', className: 'act', title: `Projects of ${address}`, 'aria-haspopup': 'dialog', onClick: () => setOpen(true) }, 'Supervisely'),
    isOpen && h(SourceDialog, { key: 'dialog', address, offered, onClose: () => setOpen(false) }),
  ];
}

/** @param {{address: string, offered: string | null, onClose: () => void}} props */
function SourceDialog({ address, offered, onClose }) {
  const [source, setSource] = useState(offered ?? '');
  const [run, setRun] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState('');
  const isBusy = run?.state === 'running';
  const follow = async (/** @type {any} */ started) => {
    let now = started;
    while (now.state === 'running') {
      setRun(now);
      await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
      now = await askApi(`/runs/${now.id}`);
    }
    setRun(now);
    if (now.state !== 'succeeded') setProblem(now.error?.detail ?? 'It was cancelled. What was finished is kept.');
  };
  const start = () => {
    setProblem('');
    setRun(null);
    askApi('/runs', { kind: 'index', source: source.trim() }).then(follow).catch((error) => setProblem(messageOf(error)));
  };
  const isDone = run?.state === 'succeeded';
  return h(Dialog, { title: 'Projects on Supervisely', onClose },
    h('p', { className: 'dim' }, offered === null ? address : `${offered} is not indexed yet.`),
    h(SuperviselyTree, { onChoose: setSource }),
    h('label', { className: 'field' }, 'Source',
      h('input', { value: source, placeholder: 'supervisely://PROJECT', disabled: isBusy, onChange: (/** @type {any} */ event) => setSource(event.target.value) })),
    h(RunState, { run, problem }),
    h('footer', null, h('span', { className: 'spacer' }),
      h('button', { className: 'act', onClick: onClose }, isBusy ? 'Go on in the background' : 'Close'),
      isDone
        ? h('button', { className: 'act is-main', onClick: () => { location.search = new URLSearchParams({ collection: collectionOf(run) }).toString(); } }, 'Show it')
        : h('button', { className: 'act is-main', disabled: isBusy || source.trim() === '', onClick: start }, 'Index')));
}

/** @param {{run: any, problem: string}} props */
function RunState({ run, problem }) {
  if (problem) return h('p', { role: 'alert', className: 'warning' }, problem);
  if (run === null) return h('p', { role: 'status' });
  if (run.state !== 'running') return h('p', { role: 'status' }, `Indexed into ${collectionOf(run)}.`);
  return h('div', { className: 'run-state' },
    h('progress', run.total ? { value: run.done, max: run.total, 'aria-label': 'Indexing' } : { 'aria-label': 'Indexing' }),
    h('span', { role: 'status', className: 'dim' }, `${run.stage} …`));
}
