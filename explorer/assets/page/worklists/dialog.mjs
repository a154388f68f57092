/** A dialog over the page; Escape and its button close it. */

import { h, useEffect, useRef } from './react.mjs';

/** What has the keyboard first: a field (of several choices the one that is taken), else what the dialog is for; without one, its Close button. */
const FIRST = 'input:not(:disabled, [type="radio"]:not(:checked)), select, textarea, .act.is-main:not(:disabled)';

/** @param {{title: string, onClose: () => void, children?: any}} props */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const { current } = dialog;
    const before = document.activeElement; // the dialog is gone from the page before it could give the keyboard back
    current?.showModal();
    const first = current?.querySelector(FIRST);
    if (first instanceof HTMLElement) first.focus();
    return () => {
      current?.close();
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    };
  }, []);
  return h('dialog', { ref: dialog, className: 'dock-dialog', 'aria-label': title, onCancel: onClose, onClose },
    h('header', null, h('h2', null, title), h('span', { className: 'spacer' }),
      h('button', { className: 'quiet', 'aria-label': 'Close', onClick: onClose }, '✕')),
    children);
}
