/** Joins the jobs with the page: where they are shown, what opens their forms, and what follows the end of a run. */

import { COMPONENT } from '../component_ids.mjs';
import { byId } from '../elements.mjs';
import { createRoot, h } from '../worklists/react.mjs';
import { Store } from '../worklists/store.mjs';
import { JobsButton, JobsDrawer } from './jobs_panel.mjs';
import { RunsStore } from './runs_store.mjs';

/** @typedef {{title: string, open: () => void, isMain?: boolean}} Start what opens a form */

export class Jobs {
  /** @param {(id: string, props: object) => void} setProps Dash's way to write into a component */
  constructor(setProps) {
    this.setProps = setProps;
    this.look = new Store({ isOpen: false });
    this.open = new Store({ name: '' });
    /** @type {Start[]} */
    this.starts = [];
    this.runs = new RunsStore((url, init) => fetch(url, init), {
      // Dash looks for new collections and maps as long as a run is at work, and once more.
      changed: () => this.setProps(COMPONENT.tick, { disabled: false }),
      wait: (act, afterMs) => setTimeout(act, afterMs),
    });
    createRoot(byId(COMPONENT.jobs)).render(h(JobsButton, { jobs: this }));
    const drawer = document.body.appendChild(document.createElement('div'));
    createRoot(drawer).render(h(JobsDrawer, { jobs: this }));
    void this.runs.follow();
  }

  toggle() {
    if (this.look.state.isOpen) this.close();
    else this.show();
  }

  show() {
    this.look.set({ isOpen: true });
    this.runs.watch(true);
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

  /** @param {import('./runs_store.mjs').Run} _run whose form is opened again */
  again(_run) {}
}
