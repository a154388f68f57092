/** What is open, in the header: model, when it was indexed, and a way to call it something else. */

import { COMPONENT } from './component_ids.mjs';
import { byId } from './elements.mjs';
import { Ago } from './jobs/jobs_panel.mjs';
import { shortModel } from './search/model_state.mjs';
import { send } from './send.mjs';
import { ask, asJson } from './server.mjs';
import { Dialog } from './worklists/dialog.mjs';
import { createRoot, h, useState, useStore } from './worklists/react.mjs';
import { messageOf, Store } from './worklists/store.mjs';

/**
 * @typedef {object} Info `CollectionInfo` of `lookalike/wire/collections.py`, as far as the header tells it
 * @property {string} name
 * @property {string} display_name
 * @property {string} embedder
 * @property {string} crops
 * @property {number} dimension
 * @property {string | null} indexed_at
 * @property {boolean | null} has_text_search
 * @property {number} n_points
 * @property {number} n_images
 * @property {{name: string, count: number}[]} classes
 */

/** @type {Info} */
const NONE = { name: '', display_name: '', embedder: '', crops: '', dimension: 0, indexed_at: null, has_text_search: null, n_points: 0, n_images: 0, classes: [] };
const pathOf = (/** @type {string} */ name) => `/collections/${encodeURIComponent(name)}`;

/** @extends {Store<Info>} */
export class HeaderFacts extends Store {
  /** @param {() => void} renamed called when a collection was called something else */
  constructor(renamed) {
    super(NONE);
    this.renamed = renamed;
    /** Name of the open collection, of which the facts may be on their way. */
    this.name = '';
    /** Number of the last question; the answer to an older one comes too late. */
    this.nAsked = 0;
    /** Number of the form to rename that is open, 0 for none. */
    this.renaming = new Store({ form: 0 });
    this.nForms = 0;
    titleChoices();
    createRoot(byId(COMPONENT.facts)).render(h(Facts, { facts: this }));
    createRoot(document.body.appendChild(document.createElement('div'))).render(h(RenameDialog, { facts: this }));
  }

  /** @param {string} name of the open collection; empty for none */
  async open(name) {
    this.name = name;
    this.nAsked += 1;
    const mine = this.nAsked;
    const info = name === '' ? NONE : await ask(send, pathOf(name)).catch(() => ({ ...NONE, name })); // the page says that the connection is lost, or that the collection is gone
    if (mine === this.nAsked) this.set(info);
  }

  /** @param {string} displayName @throws {Error} in the api's words */
  async rename(displayName) {
    const { name } = this.state;
    const info = await ask(send, pathOf(name), asJson({ display_name: displayName }, 'PATCH'));
    if (name === this.name) this.set(info); // else another one was opened meanwhile
    this.renamed();
  }

  openForm() {
    this.nForms += 1;
    this.renaming.set({ form: this.nForms });
  }

  /** @param {number} form number of the form to close; one that was opened after it stays */
  closeForm(form) {
    if (form === this.renaming.state.form) this.renaming.set({ form: 0 });
  }
}

/** @param {{facts: HeaderFacts}} props */
function Facts({ facts }) {
  const { name, embedder, dimension, crops, indexed_at: at } = useStore(facts);
  if (embedder === '') return null;
  return [
    h('button', { key: 'rename', className: 'quiet', 'aria-label': 'Rename', title: `Rename (${name})`, onClick: () => facts.openForm() },
      h('span', { className: 'icon icon-pencil' })),
    h('span', { key: 'model', className: 'model', title: `${embedder}, ${dimension.toLocaleString('en')} dimensions, ${crops}` }, shortModel(embedder)),
    at !== null && h('span', { key: 'fresh', className: 'count fresh', title: `Indexed on ${new Date(at).toLocaleString()}` },
      h('span', { className: 'fresh-word' }, 'indexed '), h(Ago, { at })),
  ];
}

/** @param {{facts: HeaderFacts}} props */
function RenameDialog({ facts }) {
  const { form } = useStore(facts.renaming);
  return form > 0 ? h(RenameForm, { key: form, facts, form }) : null;
}

/** @param {{facts: HeaderFacts, form: number}} props */
function RenameForm({ facts, form }) {
  const [text, setText] = useState(facts.state.display_name);
  const [words, setWords] = useState('');
  const close = () => facts.closeForm(form);
  const save = async () => {
    try {
      await facts.rename(text);
      close();
    } catch (error) {
      setWords(messageOf(error));
    }
  };
  return h(Dialog, { title: 'Rename', onClose: close },
    h('form', { className: 'job-form is-small', onSubmit: (/** @type {any} */ event) => { event.preventDefault(); void save(); } },
      h('div', { className: 'field' },
        h('label', { htmlFor: 'display-name' }, 'Name to show'),
        h('input', { id: 'display-name', value: text, maxLength: 200, autoFocus: true, 'aria-describedby': 'display-name-help', onChange: (/** @type {any} */ event) => setText(event.target.value) }),
        h('p', { id: 'display-name-help', className: 'dim' }, `In links and commands it stays '${facts.state.name}'. Left empty, it has the name of its project or folder.`)),
      h('footer', null, words && h('p', { role: 'alert', className: 'warning' }, words), h('span', { className: 'spacer' }),
        h('button', { type: 'button', className: 'act', onClick: close }, 'Close'),
        h('button', { type: 'submit', className: 'act is-main' }, 'Rename'))));
}

/** A choice in the header may be longer than its field: pointing at it says it in full. */
function titleChoices() {
  for (const id of [COMPONENT.collectionChoice, COMPONENT.mapChoice]) {
    byId(id).addEventListener('pointerenter', ({ target }) => { if (target instanceof HTMLInputElement) target.title = target.value; });
  }
}
