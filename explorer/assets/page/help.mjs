/** The list of all keys: a button in the header, and the key `?`. */

import { COMPONENT } from './component_ids.mjs';
import { byId, closest } from './elements.mjs';
import { Dialog } from './worklists/dialog.mjs';
import { createRoot, h, useStore } from './worklists/react.mjs';
import { Store } from './worklists/store.mjs';

const TYPED_INTO = 'input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]';

/** @type {[string, [string, string][]][]} places, and keys with what they do there */
const KEYS = [
  ['Everywhere', [['/', 'search by words, file name, id or class'], ['?', 'this list'], ['Ctrl V', 'find what looks like the image in the clipboard'], ['Esc', 'close, let go, clear a selection']]],
  ['Lists and the point beside them', [
    ['j k', 'next and previous'], ['a', 'accept the suggested class'], ['c', 'accept another class'], ['d', 'keep: the label is right'], ['s', 'later: decide it then'], ['u', 'undo the last verdict'],
    ['Space', 'mark a card; a verdict is then on all that are marked'], ['Shift', 'with a click: mark all up to there'], ['Ctrl A', 'mark all of the list, gallery or table'], ['Enter', 'look at the point of a card'], ['Esc', 'take all marks away'],
  ]],
  ['Gallery and table', [
    ['← → ↑ ↓', 'walk; with Shift, mark what is passed'], ['Home End', 'first and last'], ['Page↑ Page↓', 'a page back and forth'], ['+ -', 'find points like these, and unlike these'],
  ]],
  ['Map', [
    ['← → ↑ ↓', 'move'], ['+ -', 'zoom in and out'], ['0', 'show everything'], ['p l b', 'drag moves, draws a lasso, draws a box'], ['Shift', 'adds to the selection: drag or click'], ['Alt', 'takes away from it'], ['Ctrl Z', 'the selection before'], ['Ctrl Y', 'the one after it'],
    ['Enter', 'take the point in the middle'], ['n', 'walk to its neighbors'],
  ]],
  ['Image of the point', [['z', 'the whole image, or the object again, from anywhere'], ['← → ↑ ↓', 'draw a box, then move it'], ['Shift', 'with an arrow: its lower right corner; with a drag: move the zoomed image'], ['+ -', 'zoom in and out, as the wheel or two fingers do; around the box if there is one'], ['Enter', 'find what looks like the box'], ['Esc', 'back to the point']]],
  ['Tabs of the worklists', [['Shift 1…7', 'opens a tab, from anywhere'], ['← →', 'next tab'], ['Home End', 'first and last tab'], ['Enter', 'on the line above them: full height and back']]],
  ['Duplicates', [['1…9', 'one class for the group: its first, second and so on']]],
  ['Confusion', [['Esc', 'from the points of a cell back to all classes']]],
  ['Reviewed', [['w', 'write accepted classes back to the sources'], ['e', 'export']]],
];

export class Help {
  constructor() {
    this.look = new Store({ isOpen: false });
    createRoot(byId(COMPONENT.help)).render(h(HelpButton, { help: this }));
    createRoot(document.body.appendChild(document.createElement('div'))).render(h(HelpDialog, { help: this }));
    document.addEventListener('keydown', (event) => {
      if (event.key !== '?' || closest(event.target, TYPED_INTO) || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      this.show(true);
    });
  }

  /** @param {boolean} isOpen */
  show(isOpen) {
    this.look.set({ isOpen });
  }
}

/** @param {{help: Help}} props */
function HelpButton({ help }) {
  return h('button', { className: 'act header-help', 'aria-label': 'Keys', title: 'All keys (?)', onClick: () => help.show(true) }, '?');
}

/** @param {{help: Help}} props */
function HelpDialog({ help }) {
  const { isOpen } = useStore(help.look);
  if (!isOpen) return null;
  return h(Dialog, { title: 'Keys', onClose: () => help.show(false) },
    h('div', { className: 'help' }, KEYS.map(([place, keys]) => h('section', { key: place },
      h('h3', null, place),
      h('dl', null, keys.map(([key, words]) => h('div', { key },
        h('dt', null, key.split(' ').map((one) => h('kbd', { key: one }, one))), h('dd', null, words))))))));
}
