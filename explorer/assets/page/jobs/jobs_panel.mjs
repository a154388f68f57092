/** The jobs: a button in the header with the number of those at work, and a drawer that lists them with their reports. */

import { sentence } from '../server.mjs';
import { shownName } from '../worklists/names.mjs';
import { h, useEffect, useRef, useState, useStore } from '../worklists/react.mjs';
import { agoText, countsOf, endText, leftText, problemsOf, progressText, titleOf } from './run_words.mjs';

/** @typedef {import('./runs_store.mjs').Run} Run */
/** @typedef {import('./jobs.mjs').Jobs} Jobs */

const TOGGLE_ID = 'jobs-toggle';

/** @param {{jobs: Jobs}} props */
export function JobsButton({ jobs }) {
  const { runs, fault } = useStore(jobs.runs);
  const { isOpen } = useStore(jobs.look);
  const nRunning = runs.filter(({ state }) => state === 'running').length;
  const words = fault ? 'Jobs, connection lost' : `Jobs, ${nRunning} running`;
  return h('button', {
    id: TOGGLE_ID, className: 'act jobs-toggle', 'aria-expanded': isOpen, 'aria-label': words, title: 'Index images, make a map, and see what is at work',
    onClick: () => jobs.toggle(),
  }, nRunning > 0 && h('span', { className: 'spinner', 'aria-hidden': true }), 'Jobs', nRunning > 0 && h('span', { className: 'jobs-count' }, nRunning));
}

/** @param {{jobs: Jobs}} props */
export function JobsDrawer({ jobs }) {
  const { isOpen } = useStore(jobs.look);
  return isOpen ? h(Drawer, { jobs }) : null;
}

/** @param {{jobs: Jobs}} props */
function Drawer({ jobs }) {
  const { runs, isKnown, fault } = useStore(jobs.runs);
  const { name } = useStore(jobs.open);
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    head.current?.focus();
    return () => document.getElementById(TOGGLE_ID)?.focus();
  }, []);
  const key = (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation(); // its keys are nobody else's
    if (event.key === 'Escape') jobs.close();
  };
  return h('aside', { className: 'jobs', 'aria-label': 'Jobs', onKeyDown: key },
    h('header', { className: 'row' },
      h('h2', { ref: head, tabIndex: -1 }, 'Jobs'), h('span', { className: 'spacer' }),
      h('button', { className: 'quiet', 'aria-label': 'Close jobs', onClick: () => jobs.close() }, '✕')),
    h('div', { className: 'row jobs-acts' },
      h('button', { className: 'act is-main', 'data-job': 'index' }, 'Index images…'),
      name !== '' && h('button', { className: 'act', 'data-job': 'map' }, 'Make a map…')),
    fault && h('p', { role: 'alert', className: 'warning' }, fault),
    isKnown && runs.length === 0 && h('p', { className: 'dim' },
      'No job since the server was started. An index run, a map, an export, a backup or a write-back shows here, also if it was started from a terminal.'),
    h('ol', { className: 'jobs-list', tabIndex: 0, 'aria-label': 'Runs, newest first' },
      runs.map((run, place) => h(RunItem, { key: run.id, run, jobs, isFirst: place === 0 }))));
}

/** @param {{run: Run, jobs: Jobs, isFirst: boolean}} props */
function RunItem({ run, jobs, isFirst }) {
  const { collections } = useStore(jobs.known);
  const title = titleOf(run, collections);
  return h('li', { className: `job is-${run.state}`, 'aria-label': title },
    h('h3', null, title),
    run.state === 'running' ? h(Progress, { run, jobs, title }) : h(Ended, { run, jobs, title, isFirst }));
}

/** @param {{run: Run, jobs: Jobs, title: string}} props */
function Progress({ run, jobs, title }) {
  const { cancelled } = useStore(jobs.runs);
  const isStopping = cancelled.includes(run.id);
  const bar = run.total ? { max: run.total, value: Math.min(run.done, run.total) } : {};
  return [
    h('progress', { key: 'bar', 'aria-label': `Progress of ${title}`, ...bar }),
    h('p', { key: 'words', className: 'dim job-pace' }, isStopping ? 'Stopping. What is finished is kept.' : progressText(run)),
    h('button', {
      key: 'cancel', className: 'act', disabled: isStopping, 'aria-label': `Cancel ${title}`, onClick: () => void jobs.runs.cancel(run.id),
    }, 'Cancel'),
  ];
}

/** @param {{run: Run, jobs: Jobs, title: string, isFirst: boolean}} props */
function Ended({ run, jobs, title, isFirst }) {
  const counts = countsOf(run);
  const problems = problemsOf(run.result);
  return [
    h('p', { key: 'end', className: run.state === 'failed' ? 'warning' : 'dim' }, endText(run, Date.now())),
    h(Reason, { key: 'why', run }),
    (counts.length > 0 || problems.length > 0) && h(Report, { key: 'report', counts, problems, isFirst }),
    (run.kind === 'index' || run.kind === 'project') && h(NextSteps, { key: 'acts', run, jobs, title }),
  ];
}

/** @param {{run: Run}} props */
function Reason({ run }) {
  if (run.state === 'cancelled') return h('p', { className: 'dim' }, leftText(run));
  return run.state === 'failed' && run.error ? h('p', { className: 'warning' }, sentence(run.error.detail)) : null;
}

/** @param {{run: Run, jobs: Jobs, title: string}} props */
function NextSteps({ run, jobs, title }) {
  const { name } = useStore(jobs.open);
  const { collections } = useStore(jobs.known);
  const made = run.result?.collection ?? run.collection;
  return h('div', { className: 'row' },
    made && made !== name && h('button', { className: 'act', onClick: () => jobs.openCollection(made) }, `Open ${shownName(collections, made)}`),
    h('button', { className: 'act', 'aria-label': `Run again: ${title}`, onClick: () => jobs.again(run) }, 'Run again…'));
}

/** @param {{counts: string[], problems: import('./run_words.mjs').Problem[], isFirst: boolean}} props */
function Report({ counts, problems, isFirst }) {
  return h('details', { className: 'job-report', open: isFirst },
    h('summary', null, 'Report'),
    counts.map((words) => h('p', { key: words }, words)),
    problems.map(({ title, examples }) => h('div', { key: title },
      h('h4', null, title),
      examples.length > 0 && h('ul', null, examples.map((example, place) => h('li', { key: place }, example))))));
}

/** @param {{at: string}} props time as the api writes it @returns what says how long ago that is, and goes with the time */
export function Ago({ at }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 20_000);
    return () => clearInterval(timer);
  }, []);
  return h('time', { dateTime: at, title: new Date(at).toLocaleString() }, agoText(at, Math.max(now, Date.parse(at))));
}
