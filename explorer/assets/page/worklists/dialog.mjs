/** A dialog over the page; Escape and its button close it. */

import { h, useEffect, useRef } from './react.mjs';

/** @param {{title: string, onClose: () => void, children?: any}} props */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  return h('dialog', { ref: dialog, className: 'dock-dialog', 'aria-label': title, onCancel: onClose, onClose },
    h('header', null, h('h2', null, title), h('span', { className: 'spacer' }),
      h('button', { className: 'quiet', 'aria-label': 'Close', onClick: onClose }, '✕')),
    children);
}
