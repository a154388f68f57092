/** The worklists of the dock, in the order of their tabs. A new one is one file beside this and one line here. */

import { COMPONENT } from '../component_ids.mjs';
import { CLUSTERS } from './clusters.mjs';
import { CONFUSION } from './confusion.mjs';
import { DUPLICATES } from './duplicates.mjs';
import { OUTLIERS } from './outliers.mjs';
import { REVIEWED } from './reviewed.mjs';
import { createSelected, SelectedView } from './selected.mjs';
import { SUSPECTS } from './suspects.mjs';

/**
 * @typedef {object} WorklistKind
 * @property {string} key in the page's address
 * @property {string} title of the tab
 * @property {string} hint
 * @property {string} [panel] id of the element that Python lays out for it; a view in it is drawn into its `.dock-view`
 * @property {boolean} [isNarrowed] whether the page's filter narrows it
 * @property {(tools: import('./card_worklist.mjs').Tools) => any} [create]
 * @property {(props: {worklist: any, dock: any}) => any} [View]
 */

export const SELECTION_KEY = 'selection';
export const SUSPECTS_KEY = SUSPECTS.key;

/** @type {WorklistKind[]} */
export const WORKLISTS = [
  SUSPECTS,
  DUPLICATES,
  CONFUSION,
  CLUSTERS,
  OUTLIERS,
  { key: SELECTION_KEY, title: 'Selection', hint: 'Points chosen on the map', panel: COMPONENT.dockSelection, create: createSelected, View: SelectedView },
  REVIEWED,
];
