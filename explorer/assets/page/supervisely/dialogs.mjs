/** Dialogs for work on a Supervisely server: a tag, labeling jobs, and a collection of the platform. */

import { Dialog } from '../worklists/dialog.mjs';
import { countText } from '../worklists/names.mjs';
import { h, useEffect, useState, useStore } from '../worklists/react.mjs';
import { messageOf } from '../worklists/store.mjs';
import { askApi } from './asking.mjs';
import { collectionWords, jobWords, tagWords, Work } from './work.mjs';

/** @typedef {import('../worklists/card_worklist.mjs').Tools} Tools */
/** @typedef {{tools: Tools, readIds: () => Promise<string[]>, onClose: () => void}} DialogProps */

/** More logins than these are searched. */
const FEW_LOGINS = 8;

/** @param {string} step @returns {boolean} whether the form is no longer of use */
const isOver = (step) => step === 'done' || step === 'undone';

/** @param {string[] | null} ids @param {string} name @returns {boolean} whether there is something to do */
const isGiven = (ids, name) => ids !== null && ids.length > 0 && name !== '';

/** @param {Tools} tools @param {string} path @returns {Work} */
function useWork(tools, path) {
  const [work] = useState(new Work({
    post: (where, body) => tools.api.post(where, body), undo: (run) => askApi('/supervisely/undo', { run }), path,
  }));
  return work;
}

/** @param {() => Promise<string[]>} readIds @returns {{ids: string[] | null, problem: string}} ids are null until they are known */
function useIds(readIds) {
  const [found, setFound] = useState({ ids: /** @type {string[] | null} */ (null), problem: '' });
  useEffect(() => {
    readIds().then((ids) => setFound({ ids, problem: '' }), (error) => setFound({ ids: null, problem: messageOf(error) }));
  }, []);
  return found;
}

/** @param {DialogProps} props */
export function TagDialog({ tools, readIds, onClose }) {
  const work = useWork(tools, '/supervisely/tags');
  const { step, answer } = useStore(work);
  const { ids, problem } = useIds(readIds);
  const [form, setForm] = useState({ tag: '', on: '', remove: false });
  const edit = (/** @type {object} */ changes) => {
    setForm({ ...form, ...changes });
    work.edit();
  };
  const body = { ids, tag: form.tag.trim(), on: form.on || null, remove: form.remove, who: tools.who() };
  const words = answer && tagWords(answer, { remove: form.remove, isDone: step === 'done' });
  return h(Dialog, { title: 'Tag on Supervisely', onClose },
    h(Points, { ids, problem }),
    !isOver(step) && [
      h('label', { key: 'name', className: 'field' }, 'Tag',
        h('input', { value: form.tag, maxLength: 255, autoFocus: true, onChange: (/** @type {any} */ event) => edit({ tag: event.target.value }) })),
      h('fieldset', { key: 'on' }, h('legend', null, 'On'),
        radio('on', '', form.on, (on) => edit({ on }), 'What each point is: an object or a whole image'),
        radio('on', 'object', form.on, (on) => edit({ on }), 'Objects'),
        radio('on', 'image', form.on, (on) => edit({ on }), 'Images')),
      h('label', { key: 'remove', className: 'radio' },
        h('input', { type: 'checkbox', checked: form.remove, onChange: (/** @type {any} */ event) => edit({ remove: event.target.checked }) }),
        'Take the tag off'),
    ],
    h(Outcome, { work, words, after: 'Index the project again to see it here.', undone: (/** @type {number} */ n) => `${countText(n, answer?.on ?? 'object')} ${n === 1 ? 'is' : 'are'} as before.` }),
    h(Foot, { work, body, isReady: isGiven(ids, body.tag), count: answer ? answer.added + answer.removed : 0, onClose }));
}

/** @typedef {{name: string, assign: string[], reviewer: string}} JobForm */

/** @param {DialogProps} props */
export function JobDialog({ tools, readIds, onClose }) {
  const work = useWork(tools, '/supervisely/jobs');
  const { step, answer } = useStore(work);
  const { ids, problem } = useIds(readIds);
  const { logins, problem: noLogins } = useLogins(tools);
  const [form, setForm] = useState({ name: '', assign: /** @type {string[]} */ ([]), reviewer: '' });
  const edit = (/** @type {Partial<JobForm>} */ changes) => {
    setForm({ ...form, ...changes });
    work.edit();
  };
  const name = form.name.trim();
  const body = { ids, name, assign: form.assign, reviewer: form.reviewer || null, who: tools.who() };
  return h(Dialog, { title: 'Labeling job on Supervisely', onClose },
    h(Points, { ids, problem: problem || noLogins }),
    !isOver(step) && h(JobFields, { form, edit, logins }),
    h(Outcome, { work, words: answer && jobWords(answer, step === 'done'), after: '', undone: (/** @type {number} */ n) => `${countText(n, 'job')} ${n === 1 ? 'was' : 'were'} archived.` }),
    answer && step !== 'undone' && h(Jobs, { jobs: answer.jobs }),
    h(Foot, { work, body, isReady: isGiven(ids, name) && form.assign.length > 0, count: answer?.created ?? 0, onClose }));
}

/** @param {{form: JobForm, edit: (changes: Partial<JobForm>) => void, logins: string[] | null}} props */
function JobFields({ form, edit, logins }) {
  return [
    h('label', { key: 'name', className: 'field' }, 'Name',
      h('input', { value: form.name, maxLength: 255, autoFocus: true, onChange: (/** @type {any} */ event) => edit({ name: event.target.value }) })),
    h(Logins, { key: 'assign', logins, chosen: form.assign, choose: (/** @type {string[]} */ assign) => edit({ assign }) }),
    h('label', { key: 'reviewer', className: 'field' }, 'Reviewer',
      h('select', { value: form.reviewer, onChange: (/** @type {any} */ event) => edit({ reviewer: event.target.value }) },
        h('option', { value: '' }, 'The server\'s choice'),
        (logins ?? []).map((login) => h('option', { key: login, value: login }, login)))),
  ];
}

/** @param {DialogProps} props */
export function CollectionDialog({ tools, readIds, onClose }) {
  const work = useWork(tools, '/supervisely/image-collections');
  const { step, answer } = useStore(work);
  const { ids, problem } = useIds(readIds);
  const [text, setText] = useState('');
  const name = text.trim();
  const advice = step === 'form' && 'The images of the points are put into it. It is made if the project has none of that name.';
  return h(Dialog, { title: 'Collection on Supervisely', onClose },
    h(Points, { ids, problem }),
    !isOver(step) && h('label', { className: 'field' }, 'Name of the collection',
      h('input', { value: text, maxLength: 255, autoFocus: true, onChange: (/** @type {any} */ event) => setText(event.target.value) })),
    advice && h('p', { className: 'dim' }, advice),
    h(Outcome, { work, words: answer && collectionWords(answer), after: '', undone: () => '' }),
    h('footer', null, h('span', { className: 'spacer' }),
      isOver(step)
        ? h('button', { className: 'act is-main', onClick: onClose }, 'Done')
        : [h('button', { key: 'cancel', className: 'act', onClick: onClose }, 'Cancel'),
          h('button', { key: 'add', className: 'act is-main', disabled: step === 'writing' || !isGiven(ids, name), onClick: () => work.write({ ids, name }) }, 'Put in')]));
}

// ---- parts of dialogs -----------------------------------------------------------------------------------------------

/** @param {{ids: string[] | null, problem: string}} props what the work is about */
function Points({ ids, problem }) {
  if (problem) return h('p', { role: 'alert', className: 'warning' }, problem);
  return h('p', { className: 'dim' }, ids === null ? 'Reading the selection …' : countText(ids.length, 'point'));
}

/** @param {{work: Work, words: string | null, after: string, undone: (n: number) => string}} props what would be or was done */
function Outcome({ work, words, after, undone }) {
  const { step, problem, nUndone } = useStore(work);
  const doing = { checking: 'Looking what would be written …', writing: 'Writing …' }[/** @type {string} */ (step)];
  const done = { checked: words, done: `${words} ${after}`, undone: undone(nUndone) }[/** @type {string} */ (step)];
  return h('p', { role: problem ? 'alert' : 'status', className: problem ? 'warning outcome' : 'outcome' }, problem || doing || done || '');
}

/** @param {{work: Work, body: object, isReady: boolean, count: number, onClose: () => void}} props */
function Foot({ work, body, isReady, count, onClose }) {
  const { step, answer } = useStore(work);
  const isBusy = step === 'checking' || step === 'writing';
  if (isOver(step)) {
    return h('footer', null, h('span', { className: 'spacer' }),
      step === 'done' && answer.run && h('button', { className: 'act', onClick: () => work.takeBack(answer.run) }, 'Take this back'),
      h('button', { className: 'act is-main', onClick: onClose }, 'Done'));
  }
  const next = step === 'checked'
    ? h('button', { className: 'act is-main', disabled: count === 0, onClick: () => work.write(body) }, 'Write')
    : h('button', { className: 'act is-main', disabled: isBusy || !isReady, onClick: () => work.check(body) }, 'Check');
  return h('footer', null,
    h('span', { className: 'dim' }, 'Nothing is written before you have seen what.'),
    h('span', { className: 'spacer' }),
    h('button', { className: 'act', onClick: onClose }, 'Cancel'), next);
}

/** @param {Tools} tools @returns {{logins: string[] | null, problem: string}} */
function useLogins(tools) {
  const [found, setFound] = useState({ logins: /** @type {string[] | null} */ (null), problem: '' });
  useEffect(() => {
    tools.api.get('/supervisely/members').then(
      ({ logins }) => setFound({ logins, problem: '' }), (error) => setFound({ logins: null, problem: messageOf(error) }),
    );
  }, []);
  return found;
}

/** @param {{logins: string[] | null, chosen: string[], choose: (logins: string[]) => void}} props */
function Logins({ logins, chosen, choose }) {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const shown = (logins ?? []).filter((login) => login.toLowerCase().includes(wanted) || chosen.includes(login));
  const toggle = (/** @type {string} */ login) => choose(chosen.includes(login) ? chosen.filter((one) => one !== login) : [...chosen, login]);
  return h('fieldset', null, h('legend', null, 'Who labels'),
    logins === null && h('p', { className: 'dim' }, 'Asking who is in the team …'),
    logins !== null && logins.length > FEW_LOGINS && h('label', { className: 'field' }, 'Search logins',
      h('input', { type: 'search', value: text, onChange: (/** @type {any} */ event) => setText(event.target.value) })),
    h('div', { className: 'logins' }, shown.map((login) => h('label', { key: login, className: 'radio' },
      h('input', { type: 'checkbox', checked: chosen.includes(login), onChange: () => toggle(login) }), login))));
}

/** @param {{jobs: {id: number | null, dataset_id: number, images: number}[]}} props */
function Jobs({ jobs }) {
  return h('ul', { className: 'files', tabIndex: 0, 'aria-label': 'Jobs' },
    jobs.map(({ id, dataset_id: dataset, images }, place) => h('li', { key: place },
      `${id === null ? 'New job' : `Job ${id}`}: ${countText(images, 'image')} of data set ${dataset}`)));
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} chosen
 * @param {(value: string) => void} choose
 * @param {string} words
 */
function radio(name, value, chosen, choose, words) {
  return h('label', { key: value, className: 'radio' },
    h('input', { type: 'radio', name, value, checked: value === chosen, onChange: () => choose(value) }), words);
}
