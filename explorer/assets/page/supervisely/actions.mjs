/** Buttons for work on a Supervisely server, wherever points are chosen; other sources have none. */

import { COMPONENT } from '../component_ids.mjs';
import { byId, within } from '../elements.mjs';
import { createPortal, createRoot, h, useEffect, useState, useStore } from '../worklists/react.mjs';
import { messageOf, Store } from '../worklists/store.mjs';
import { CollectionDialog, JobDialog, TagDialog } from './dialogs.mjs';

/** @typedef {import('../worklists/card_worklist.mjs').Tools} Tools */

const PAUSE_MS = 250;
const DIALOGS = [
  { name: 'Tag', hint: 'Put a tag on them on the Supervisely server, or take it off', Dialog: TagDialog },
  { name: 'Job', hint: 'Make labeling jobs of their images', Dialog: JobDialog },
  { name: 'Collect', hint: 'Put their images into a collection of the platform', Dialog: CollectionDialog },
];

/**
 * @param {{tools: Tools, readIds: () => Promise<string[]>, children?: any}} props
 */
export function PlatformActions({ tools, readIds, children }) {
  const { projects } = useStore(tools.platform);
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  if (projects.length === 0) return null;
  const opened = DIALOGS.find(({ name }) => name === open);
  return h('span', { className: 'platform-actions', role: 'group', 'aria-label': 'On the Supervisely server' },
    DIALOGS.map(({ name, hint }) => h('button', { key: name, className: 'act', title: hint, 'aria-haspopup': 'dialog', onClick: () => setOpen(name) }, `${name}…`)),
    children,
    opened && createPortal(h(opened.Dialog, { tools, readIds, onClose: () => setOpen(null) }), document.body));
}

/** The buttons beside what Python lays out: the selection, and the point that is looked at. */
export class PlatformButtons {
  constructor() {
    this.selection = createRoot(within(byId(COMPONENT.dockSelection), '.platform-host'));
    this.point = createRoot(byId(COMPONENT.pointPlatform));
    /** @type {Tools | null} */
    this.tools = null;
    /** @type {Store<{id: string | null}>} */
    this.looked = new Store({ id: /** @type {string | null} */ (null) });
  }

  /** @param {Tools} tools of the open collection */
  open(tools) {
    const { name } = tools.collection;
    this.selection.render(h(PlatformActions, { key: name, tools, readIds: tools.selectedIds }));
    this.point.render(h(PointActions, { key: name, tools, looked: this.looked }));
    this.tools = tools;
    this.refresh();
  }

  /** The points of the collection changed. */
  refresh() {
    void this.tools?.platform.refresh();
  }

  /** @param {string | null} id of the point that is looked at */
  look(id) {
    if (id !== this.looked.state.id) this.looked.set({ id });
  }
}

/** @param {{tools: Tools, looked: Store<{id: string | null}>}} props */
function PointActions({ tools, looked }) {
  const { id } = useStore(looked);
  const { projects } = useStore(tools.platform);
  if (id === null || projects.length === 0) return null;
  return h('div', { className: 'platform-of-point' },
    h(PlatformActions, { key: id, tools, readIds: async () => [id] }),
    h(PlaceLink, { key: `link-${id}`, tools, id }));
}

/** The image in the labeling tool; asked for once the point is looked at for a moment. @param {{tools: Tools, id: string}} props */
function PlaceLink({ tools, id }) {
  const [place, setPlace] = useState({ url: '', problem: '' });
  useEffect(() => {
    const pause = setTimeout(() => {
      tools.api.get(`/supervisely/places/${encodeURIComponent(id)}`).then(
        ({ url }) => setPlace({ url, problem: '' }), (error) => setPlace({ url: '', problem: messageOf(error) }),
      );
    }, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [id]);
  if (place.problem) return h('p', { className: 'dim', role: 'status' }, `No link to the labeling tool: ${place.problem}`);
  if (!place.url) return h('span', { className: 'dim' }, 'Labeling tool …');
  return h('a', { href: place.url, target: '_blank', rel: 'noopener noreferrer', title: 'Open its image in the labeling tool, in another tab' }, 'Labeling tool');
}
