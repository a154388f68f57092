/** Worklist of what was judged: progress, the log with undo, writing back to the sources, and exporting. */

import { Absent, ClassName, MoreButton, useFollowedCurrent } from '../cards.mjs';
import { DONE_WORDS } from '../review_words.mjs';
import { ExportDialog } from './export_dialog.mjs';
import { classLabel, countText } from './names.mjs';
import { h, useStore } from './react.mjs';
import { entriesOf, ReviewLog, runsOf } from './review_log.mjs';
import { WriteBackDialog } from './write_back_dialog.mjs';

/** @typedef {import('./review_log.mjs').LogEntry} LogEntry */

const CROP_PX = 64;

/** @param {{worklist: ReviewLog}} props */
function View({ worklist }) {
  const state = useStore(worklist);
  const { step } = useStore(worklist.writeBack);
  const list = useFollowedCurrent(state.current);
  const entries = entriesOf(state.reviews);
  return h('div', { className: 'worklist' },
    h('div', { className: 'list-head' },
      state.nRanked > 0 && h(Progress, { worklist, nRanked: state.nRanked }),
      h('span', { className: 'spacer' }),
      h('span', { className: 'group-actions' },
        h('button', { className: 'act is-main', 'aria-keyshortcuts': 'w', onClick: () => worklist.writeBack.check() }, 'Write back…', h('kbd', { 'aria-hidden': true }, 'w')),
        h('button', { className: 'act', 'aria-keyshortcuts': 'e', onClick: () => worklist.set({ isExporting: true }) }, 'Export…', h('kbd', { 'aria-hidden': true }, 'e')))),
    state.status === 'ready' && entries.length > 0
      ? h('div', { className: 'card-list' },
        h('ol', { ref: list, className: 'log', 'aria-label': 'Verdicts, newest first' },
          entries.map((entry) => h(Entry, { key: entry.id, entry, worklist, isCurrent: entry.id === state.current })),
          state.hasMore && h('li', null, h(MoreButton, { worklist }))))
      : h(Absent, { worklist, noun: 'verdict', empty: 'Nothing was judged yet. What you accept, keep or leave for later is listed here, and can be taken back.' }),
    step !== 'closed' && h(WriteBackDialog, { writeBack: worklist.writeBack, runs: runsOf(state.reviews), onClose: () => { worklist.writeBack.close(); worklist.reload(); } }),
    state.isExporting && h(ExportDialog, { tools: worklist.tools, onClose: () => worklist.set({ isExporting: false }) }));
}

/** @param {{worklist: ReviewLog, nRanked: number}} props */
function Progress({ worklist, nRanked }) {
  const { standing } = useStore(worklist.tools.judged);
  const count = (/** @type {string} */ wanted) => standing.filter(({ verdict }) => verdict === wanted).length;
  const [nAccepted, nKept, nLater] = [count('accept'), count('dismiss'), count('skip')];
  const nJudged = nAccepted + nKept;
  const nAll = nRanked + nJudged; // what is judged is ranked no more
  const words = `${nJudged.toLocaleString('en')} of ${nAll.toLocaleString('en')} ranked`;
  return h('span', { className: 'progress' },
    h('strong', null, `Judged ${words}`),
    h('progress', { max: nAll, value: nJudged, 'aria-label': `Judged ${words}` }),
    h('span', { className: 'dim' }, `${nAccepted.toLocaleString('en')} accepted · ${nKept.toLocaleString('en')} kept · ${nLater.toLocaleString('en')} left for later`));
}

/** @param {{entry: LogEntry, worklist: ReviewLog, isCurrent: boolean}} props */
function Entry({ entry, worklist, isCurrent }) {
  const { tools } = worklist;
  const at = new Date(entry.at);
  return h('li', { className: `log-entry${entry.stands ? '' : ' is-void'}${isCurrent ? ' is-current' : ''}`, 'data-card': entry.id, tabIndex: -1 },
    h('button', { className: 'log-look', 'data-point-id': entry.point_id, title: 'Look at it (Enter)', 'aria-label': `Look at the object labelled ${classLabel(entry.given_class)}` },
      h('img', { src: tools.api.cropUrl(entry.point_id, CROP_PX), alt: '', loading: 'lazy' })),
    h('span', { className: 'log-words' }, h(EntryWords, { entry, tools }),
      entry.pointIds.length > 1 && h('span', { className: 'badge' }, countText(entry.pointIds.length, 'object'))),
    h('span', { className: 'dim log-who' }, entry.who),
    h('time', { className: 'dim', dateTime: entry.at, title: at.toLocaleString() },
      at.toLocaleString('en', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false })),
    h(EntryState, { entry, tools }));
}

/** @param {{entry: LogEntry, tools: import('./card_worklist.mjs').Tools}} props whether it stands, and the way back */
function EntryState({ entry, tools }) {
  const { undoing } = useStore(tools.judged);
  if (!entry.stands) return h('span', { className: 'log-state dim' }, 'taken back or replaced');
  if (undoing.has(entry.id)) return h('span', { className: 'log-state dim' }, 'being taken back …');
  return h('span', { className: 'log-state' },
    entry.run && h('span', { className: 'badge is-good', title: `run ${entry.run}` }, 'written back'),
    h('button', { className: 'act', 'data-once': '', onClick: () => tools.undoReview(entry.id) }, 'Undo'));
}

/** @param {{entry: LogEntry, tools: import('./card_worklist.mjs').Tools}} props */
function EntryWords({ entry, tools }) {
  const given = h(ClassName, { tools, name: entry.given_class, kind: entry.verdict === 'accept' ? 'is-given' : '' });
  if (entry.verdict === 'accept') return [h('span', { key: 0 }, given), h('span', { key: 1, className: 'log-now' }, h('span', { 'aria-label': 'is' }, '→'), h(ClassName, { tools, name: entry.class_name, kind: 'is-suggested' }))];
  return [h('span', { key: 0 }, given), h('span', { key: 1, className: 'dim' }, DONE_WORDS[entry.verdict])];
}

export const REVIEWED = {
  key: 'reviewed', title: 'Reviewed', hint: 'What was judged, and where the work goes from here',
  create: (/** @type {import('./card_worklist.mjs').Tools} */ tools) => new ReviewLog(tools), View,
};
