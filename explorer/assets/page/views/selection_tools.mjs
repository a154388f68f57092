/** What can be done with a selection: take it back, name it, tag it, find what is like it. */

import { h, useState, useStore } from '../worklists/react.mjs';

/** @typedef {import('./selecting.mjs').Selecting} Selecting */

/** Back, forth, and the selections that were named; above the map. @param {{selecting: Selecting}} props */
export function SelectionSteps({ selecting }) {
  const { canUndo, canRedo, saved, opened } = useStore(selecting);
  return h('span', { className: 'selection-steps' },
    h('button', { className: 'quiet', disabled: !canUndo, 'aria-label': 'Undo selection', title: 'The selection before (Ctrl+Z)', onClick: () => selecting.step(-1) }, '↶'),
    h('button', { className: 'quiet', disabled: !canRedo, 'aria-label': 'Redo selection', title: 'The selection after it (Ctrl+Shift+Z)', onClick: () => selecting.step(1) }, '↷'),
    saved.length > 0 && h('select', {
      'aria-label': 'Saved selections', value: opened ?? '', onChange: (/** @type {any} */ event) => { if (event.target.value !== '') void selecting.load(event.target.value); },
    },
    h('option', { value: '' }, 'Saved selections'),
    saved.map(({ name, count }) => h('option', { key: name, value: name }, `${name} · ${count.toLocaleString('en')}`))),
    opened !== null && h('button', { className: 'quiet', 'aria-label': `Forget the selection ${opened}`, title: 'Forget this name; the points stay', onClick: () => void selecting.remove(opened) }, '✕'));
}

/**
 * A tag for some points.
 * @param {{selecting: Selecting, readIds: () => Promise<string[]>, canSave?: boolean}} props
 */
export function TagField({ selecting, readIds, canSave = false }) {
  const { tags } = useStore(selecting);
  const [text, setText] = useState('');
  const label = canSave ? 'Name or tag of the selection' : 'Tag of the marked';
  const list = canSave ? 'selection-tags' : 'view-tags';
  const give = (/** @type {boolean} */ isGiven) => { if (text.trim() !== '') void selecting.tag(text, readIds, isGiven); };
  return h('span', { className: 'tag-field' },
    h('input', {
      value: text, list, placeholder: canSave ? 'Name or tag' : 'Tag', 'aria-label': label, maxLength: 200,
      onChange: (/** @type {any} */ event) => setText(event.target.value),
      onKeyDown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter') give(true); },
    }),
    h('datalist', { id: list }, tags.map(({ name }) => h('option', { key: name, value: name }))),
    text.trim() !== '' && [
      h('button', { key: 'tag', className: 'act', title: 'Give all of them this tag', onClick: () => give(true) }, 'Tag'),
      h('button', { key: 'untag', className: 'act', title: 'Take this tag away; one of the source stays', onClick: () => give(false) }, 'Untag'),
      canSave && h('button', { key: 'save', className: 'act', title: 'Keep this selection under the name', onClick: () => void selecting.save(text) }, 'Save'),
    ]);
}

/**
 * In the head of the selection.
 * @param {{selecting: Selecting, look: import('./view_state.mjs').ViewState, readIds: () => Promise<string[]>, useAs: (kind: 'like' | 'unlike') => void}} props
 */
export function SelectionTools({ selecting, look, readIds, useAs }) {
  const { like } = useStore(look);
  return [
    h(TagField, { key: 'tag', selecting, readIds, canSave: true }),
    h('button', { key: 'similar', className: 'act', title: 'Use these points as examples', onClick: () => useAs('like') }, 'Find similar'),
    like.length > 0 && h('button', { key: 'unlike', className: 'act', title: 'Use these points as counter-examples of the search in the gallery', onClick: () => useAs('unlike') }, 'Unlike these'),
  ];
}
