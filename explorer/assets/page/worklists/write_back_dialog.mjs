/** Dialog that writes accepted classes to the sources: first what would be written, then the writing, then a way back. */

import { Dialog } from './dialog.mjs';
import { countText } from './names.mjs';
import { h, useEffect, useRef, useStore } from './react.mjs';
import { changesText, changeText, placesTitle, refusalTexts, waitingText, wayBackText } from './write_back_words.mjs';

const SHOWN = 50;

/**
 * @param {{
 *   writeBack: import('./write_back.mjs').WriteBack, runs: {run: string, count: number}[], onClose: () => void,
 * }} props
 */
export function WriteBackDialog({ writeBack, runs, onClose }) {
  const { step, answer, message, progress } = useStore(writeBack);
  const isBusy = step === 'checking' || step === 'writing';
  return h(Dialog, { title: 'Write accepted classes back to the sources', onClose },
    h(Words, { step, message, progress }),
    step === 'writing' && h(Stop, { writeBack }),
    answer && !isBusy && h(Answer, { answer, isDone: step === 'written' }),
    !isBusy && h(Foot, { writeBack, onClose }),
    step === 'checked' && runs.length > 0 && h(Runs, { runs, writeBack }));
}

/** @param {{writeBack: import('./write_back.mjs').WriteBack}} props the way out of a long writing */
function Stop({ writeBack }) {
  const { job, isStopping } = useStore(writeBack);
  return h('footer', null,
    h('span', { className: 'dim' }, isStopping ? 'Stopping. What is written stays, and can be taken back.' : 'It goes on if this is closed, and stands in Jobs.'),
    h('span', { className: 'spacer' }),
    h('button', { className: 'act', disabled: job === null || isStopping, onClick: () => void writeBack.stop() }, 'Stop'));
}

/** @param {{step: string, message: string, progress: string}} props what it is doing, or what went wrong */
function Words({ step, message, progress }) {
  if (step === 'failed') return h('p', { role: 'alert', className: 'warning' }, message);
  const doing = { checking: 'Looking what would be written …', writing: progress || 'Writing …' }[step] ?? message;
  return doing ? h('p', { role: 'status' }, doing) : null;
}

/** @param {{writeBack: import('./write_back.mjs').WriteBack, onClose: () => void}} props */
function Foot({ writeBack, onClose }) {
  const { step, answer } = useStore(writeBack);
  const main = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useEffect(() => main.current?.focus(), [step]);
  if (step === 'failed') {
    return h('footer', null, h('span', { className: 'spacer' }), h('button', { ref: main, className: 'act', onClick: () => writeBack.check() }, 'Retry'));
  }
  if (step === 'written') {
    return h('footer', null,
      h('span', { className: 'spacer' }),
      answer.run && h('button', { className: 'act', onClick: () => writeBack.takeBack(answer.run) }, 'Take this run back'),
      h('button', { ref: main, className: 'act is-main', onClick: onClose }, 'Done'));
  }
  if (answer.n_written === 0) {
    return h('footer', null, h('span', { className: 'spacer' }), h('button', { ref: main, className: 'act is-main', onClick: onClose }, 'Close'));
  }
  return h('footer', null,
    h('span', { className: 'dim' }, wayBackText(answer.files)),
    h('span', { className: 'spacer' }),
    h('button', { className: 'act', onClick: onClose }, 'Cancel'),
    h('button', { ref: main, className: 'act is-main', onClick: () => writeBack.write() }, `Write ${countText(answer.n_written, 'label')}`));
}

/** @param {{answer: any, isDone: boolean}} props */
function Answer({ answer, isDone }) {
  const refused = answer.outcomes.filter((/** @type {any} */ one) => one.outcome === 'refused');
  return h('div', { className: 'write-back' },
    h('p', { role: 'status' },
      h('strong', null, changesText(answer)),
      isDone ? ' written.' : ' would be written.',
      !isDone && waitingText(answer),
      answer.n_already > 0 && ` ${answer.n_already.toLocaleString('en')} are so already.`,
      answer.n_refused > 0 && ` ${answer.n_refused.toLocaleString('en')} cannot be written.`,
      isDone && answer.n_written > 0 && ' Index the source again to see them here.'),
    answer.files.length > 0 && h('ul', { className: 'files', tabIndex: 0, 'aria-label': placesTitle(answer.files) },
      answer.files.slice(0, SHOWN).map((/** @type {any} */ file) => h('li', { key: file.path, title: file.path }, changeText(file))),
      answer.files.length > SHOWN && h('li', { className: 'dim' }, `and ${answer.files.length - SHOWN} more`)),
    refused.length > 0 && h('details', { open: answer.n_written === 0 },
      h('summary', null, 'What cannot be written'),
      h('ul', { className: 'files' }, refusalTexts(refused).map((words) => h('li', { key: words }, words)))));
}

/** @param {{runs: {run: string, count: number}[], writeBack: import('./write_back.mjs').WriteBack}} props */
function Runs({ runs, writeBack }) {
  return h('section', { className: 'runs' },
    h('h3', null, 'Written before'),
    runs.map(({ run, count }) => h('p', { key: run },
      h('span', null, `${countText(count, 'label')} by run ${run}`),
      h('button', { className: 'act', onClick: () => writeBack.takeBack(run) }, 'Take back'))));
}
