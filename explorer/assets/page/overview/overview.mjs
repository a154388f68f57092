/** The inspector before a point is chosen: what the collection holds, and where to begin. */

import { COMPONENT } from '../component_ids.mjs';
import { byId } from '../elements.mjs';
import { Ago } from '../jobs/jobs_panel.mjs';
import { apartText, countText } from '../worklists/names.mjs';
import { createRoot, h, useStore } from '../worklists/react.mjs';
import { MOST_CONFLICTS, OverviewStore } from './overview_store.mjs';
import { send } from '../send.mjs';

/** @typedef {import('../header_facts.mjs').Info} Info */

const SUSPECTS = '.dock-panel:not([hidden]) .suspects';
const PAUSE_MS = 100;
const MOST_TRIES = 50;

export class Overview {
  /**
   * @param {import('../worklists/store.mjs').Store<Info>} info of the open collection
   * @param {(key: string) => void} openTab shows a worklist
   */
  constructor(info, openTab) {
    this.info = info;
    this.openTab = openTab;
    this.host = byId(COMPONENT.overview);
    this.counts = new OverviewStore(send, (act, afterMs) => setTimeout(act, afterMs), () => this.host.checkVisibility());
    createRoot(this.host).render(h(View, { overview: this }));
  }

  /** @param {string} name of the open collection; empty for none */
  look(name) {
    this.counts.look(name);
  }

  /** Opens the suspects and looks at the first one, as soon as it is listed, unless somebody goes elsewhere meanwhile. */
  start() {
    this.openTab('suspects');
    this.#lookAtFirst(MOST_TRIES);
  }

  /** @param {number} nTries */
  #lookAtFirst(nTries) {
    const list = document.querySelector(SUSPECTS);
    const card = list?.querySelector('[data-point-id]');
    if (card instanceof HTMLElement) card.click();
    else if (nTries > 0) setTimeout(() => { if (this.host.checkVisibility() && document.querySelector(SUSPECTS) !== null) this.#lookAtFirst(nTries - 1); }, PAUSE_MS);
  }
}

/** @param {{overview: Overview}} props */
function View({ overview }) {
  const info = useStore(overview.info);
  const counts = useStore(overview.counts);
  if (info.embedder === '' || info.n_points === 0) return null;
  return h('section', { className: 'overview', 'aria-label': 'Overview' },
    h('h2', null, info.display_name),
    h('dl', null, factsOf(info, counts).map(([name, words, tab]) => h('div', { key: name },
      h('dt', null, name),
      h('dd', null, tab ? h('button', { className: 'link', onClick: () => overview.openTab(tab) }, words) : words)))),
    h('button', { className: 'act is-main', onClick: () => overview.start() }, counts.nJudged ? 'Go on reviewing' : 'Start reviewing'));
}

/**
 * @param {Info} info
 * @param {import('./overview_store.mjs').OverviewState} counts
 * @returns {[string, any, string?][]} names and what is known, maybe with the worklist that shows it
 */
function factsOf(info, { nJudged, nRanked, nDuplicates, nConflicts, nOutliers }) {
  const nClasses = info.classes.filter(({ name }) => name !== '').length;
  return [
    ['Points', `${info.n_points.toLocaleString('en')} in ${countText(info.n_images, 'image')}`],
    ['Classes', nClasses.toLocaleString('en')],
    ['Judged', nJudged === null ? '…' : `${nJudged.toLocaleString('en')} of ${(nRanked === null ? info.n_points : nRanked + nJudged).toLocaleString('en')}`, 'reviewed'],
    ['Duplicates', nDuplicates === null ? '…' : duplicatesText(nDuplicates, nConflicts ?? 0), 'duplicates'],
    ['Outliers', nOutliers === null ? '…' : apartText(nOutliers), 'outliers'],
    ['Indexed', info.indexed_at === null ? 'not known' : h(Ago, { at: info.indexed_at })],
  ];
}

/** @param {number} nGroups @param {number} nConflicts @returns {string} */
function duplicatesText(nGroups, nConflicts) {
  const groups = countText(nGroups, 'group');
  if (nConflicts === 0) return groups;
  return `${groups}, ${nConflicts === MOST_CONFLICTS ? `${MOST_CONFLICTS} or more` : nConflicts} with conflicting classes`;
}
