/** The head of the dock: the separator that sets its height, the tabs of the worklists, and full height. */

import { highestPx, LOWEST_PX } from './dock_state.mjs';
import { byId } from './elements.mjs';
import { h, useEffect, useRef, useStore } from './worklists/react.mjs';
import { WORKLISTS } from './worklists/registry.mjs';

/** @typedef {import('./dock.mjs').Dock} Dock */
/** @typedef {import('./worklists/registry.mjs').WorklistKind} WorklistKind */

export const tabId = (/** @type {string} */ key) => `dock-tab-${key}`;
export const panelId = (/** @type {WorklistKind} */ { key, panel }) => panel ?? `dock-panel-${key}`;

/** @param {{dock: Dock}} props */
export function Bar({ dock }) {
  const { open, isFull } = useStore(dock.state);
  const words = isFull ? 'Back to the map' : 'Full height';
  return [
    h(Separator, { key: 'separator', dock }),
    h('div', { key: 'row', className: 'dock-row' },
      h('div', { className: 'dock-tabs', role: 'tablist', 'aria-label': 'Worklists' },
        WORKLISTS.map((kind) => h(Tab, { key: kind.key, kind, dock, isOpen: kind.key === open }))),
      h('button', {
        className: 'quiet dock-full', 'aria-pressed': isFull, title: `${words} (double click on the line above)`, 'aria-label': 'Full height',
        onClick: () => dock.state.toggleFull(),
      }, h('span', { className: `icon ${isFull ? 'icon-down' : 'icon-up'}` }))),
  ];
}

/** @param {{kind: WorklistKind, dock: Dock, isOpen: boolean}} props */
function Tab({ kind, dock, isOpen }) {
  const count = useStore(dock.counts)[kind.key] ?? null;
  const shown = count ? count.toLocaleString('en') : undefined;
  const key = (/** @type {KeyboardEvent} */ event) => {
    const next = dock.state.tabOf(event.key);
    if (next === null) return;
    event.preventDefault();
    dock.openTab(next);
    byId(tabId(next)).focus();
  };
  /** @type {{current: HTMLElement | null}} */
  const tab = useRef(null);
  useEffect(() => { if (isOpen) bringIntoView(tab.current); }, [isOpen]);
  return h('button', {
    ref: tab, id: tabId(kind.key), role: 'tab', className: 'dock-tab', 'aria-selected': isOpen, 'aria-controls': panelId(kind), tabIndex: isOpen ? 0 : -1,
    title: `${kind.hint} (Shift ${WORKLISTS.indexOf(kind) + 1})`, onClick: () => dock.openTab(kind.key), onKeyDown: key,
    'data-count': shown, 'aria-description': shown && `${shown} ${count === 1 ? 'entry' : 'entries'}`,
  }, kind.title);
}

/** Tabs scroll sideways in a narrow window; the page itself stays. @param {HTMLElement | null} tab */
function bringIntoView(tab) {
  const room = tab?.parentElement;
  if (tab && room) room.scrollLeft = tab.offsetLeft - room.offsetLeft - (room.clientWidth - tab.clientWidth) / 2;
}

/** @param {{dock: Dock}} props */
function Separator({ dock }) {
  const { heightPx } = useStore(dock.state);
  const { state } = dock;
  const drag = (/** @type {any} */ event) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    state.resize(dock.host.getBoundingClientRect().bottom - event.clientY, dock.roomPx);
  };
  const key = (/** @type {KeyboardEvent} */ event) => { if (state.resizeByKey(event.key, dock.roomPx)) event.preventDefault(); };
  return h('div', {
    className: 'dock-separator', role: 'separator', tabIndex: 0, 'aria-orientation': 'horizontal', 'aria-label': 'Height of the worklists',
    'aria-valuenow': heightPx, 'aria-valuemin': LOWEST_PX, 'aria-valuemax': Math.max(heightPx, highestPx(dock.roomPx)),
    title: 'Drag, or arrow keys; double click or Enter for full height and back',
    onPointerDown: (/** @type {any} */ event) => event.currentTarget.setPointerCapture(event.pointerId),
    onPointerMove: drag, onDoubleClick: () => state.toggleFull(), onKeyDown: key,
  });
}
