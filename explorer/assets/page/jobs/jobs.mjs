/** Joins the jobs with the page: where they are shown, what opens their forms, and what follows the end of a run. */

import { COMPONENT } from '../component_ids.mjs';
import { byId, closest } from '../elements.mjs';
import { KEPT } from '../kept.mjs';
import { readLink, writeLink } from '../link.mjs';
import { ask } from '../server.mjs';
import { createRoot, h } from '../worklists/react.mjs';
import { Store } from '../worklists/store.mjs';
import { IndexDialog } from './index_dialog.mjs';
import { IndexForm } from './index_form.mjs';
import { JobsButton, JobsDrawer } from './jobs_panel.mjs';
import { MapDialog } from './map_dialog.mjs';
import { MapForm } from './map_form.mjs';
import { RunsStore } from './runs_store.mjs';
import { send } from '../send.mjs';

/** In the page's address: the source that the page was opened on and that is not indexed yet. */
const OFFERED = 'index';

export class Jobs {
  /**
   * @param {(id: string, props: object) => void} setProps Dash's way to write into a component
   * @param {() => void} changed called when a run began or ended
   */
  constructor(setProps, changed) {
    this.setProps = setProps;
    this.look = new Store({ isOpen: false });
    this.open = new Store({ name: '', shownAs: '', hasMap: false });
    /** What people call the collections that runs name. */
    this.known = new Store({ collections: /** @type {import('../worklists/names.mjs').Named[]} */ ([]) });
    this.runs = new RunsStore(send, {
      changed: () => {
        this.lookAgain();
        changed();
      },
      wait: (act, afterMs) => setTimeout(act, afterMs),
    });
    this.indexForm = new IndexForm(this.runs, {
      send, storage: KEPT, started: () => this.show(),
    });
    this.mapForm = new MapForm(this.runs, { send, started: () => this.show() });
    createRoot(byId(COMPONENT.jobs)).render(h(JobsButton, { jobs: this }));
    const drawer = document.body.appendChild(document.createElement('div'));
    createRoot(drawer).render([
      h(JobsDrawer, { key: 'runs', jobs: this }), h(IndexDialog, { key: 'index', form: this.indexForm }), h(MapDialog, { key: 'map', jobs: this }),
    ]);
    document.addEventListener('click', ({ target }) => {
      const job = closest(target, '[data-job]')?.dataset.job;
      if (job === 'index') this.indexForm.show();
      if (job === 'map') this.mapForm.show();
      const run = closest(target, '[data-cancel-run]')?.dataset.cancelRun;
      if (run) void this.runs.cancel(run);
    });
    this.#offer(readLink(OFFERED));
    void this.runs.follow();
  }

  /** @param {string | null} source of the link; a reload does not offer it again */
  #offer(source) {
    if (source === null) return;
    writeLink({ [OFFERED]: null });
    this.indexForm.offer(source);
  }

  /** Has Dash look for new collections and maps: once, or as long as a run is at work. */
  lookAgain() {
    this.setProps(COMPONENT.tick, { disabled: false });
    if (this.look.state.isOpen) void this.#readNames();
  }

  async #readNames() {
    try {
      this.known.set({ collections: await ask(send, '/collections') });
    } catch { // the drawer says that the connection is lost
    }
  }

  toggle() {
    if (this.look.state.isOpen) this.close();
    else this.show();
  }

  show() {
    this.look.set({ isOpen: true });
    this.runs.watch(true);
    void this.#readNames();
  }

  close() {
    this.look.set({ isOpen: false });
    this.runs.watch(false);
  }

  /** @param {string} name of a collection */
  openCollection(name) {
    this.setProps(COMPONENT.collectionChoice, { value: name });
    this.close();
  }

  /** @param {import('./runs_store.mjs').Run} run whose form is opened again */
  again(run) {
    if (run.kind === 'index') this.indexForm.show({ source: run.source, collection: run.result?.collection ?? run.collection });
    else this.mapForm.show(run);
  }
}
