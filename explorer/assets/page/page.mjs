/**
 * The page: joins the map with the legend, the hover card, the lists of points and Dash.
 * There is one per document; `bridge.js` makes it and calls it.
 */

import { COMPONENT } from './component_ids.mjs';
import { Dock } from './dock.mjs';
import { byId, closest, within } from './elements.mjs';
import { HoverCard } from './hover_card.mjs';
import { Legend } from './legend.mjs';
import { MapPanel, messageOf } from './map_panel.mjs';
import { ReviewQueue } from './review_queue.mjs';
import { SelectionPanel } from './selection.mjs';
import { SuspectList } from './suspect_list.mjs';

export class Page {
  /**
   * @param {(id: string, props: object) => void} setProps Dash's way to write into a component
   * @param {string | null} firstView the view that the page's address asked for when it was opened
   */
  constructor(setProps, firstView) {
    this.setProps = setProps;
    this.selectedRule = document.head.appendChild(document.createElement('style'));
    this.hoverCard = new HoverCard(byId(COMPONENT.mapHover));
    this.legend = new Legend(within(document, '.legend'), (visible) => this.mapPanel?.showClasses(visible));
    this.mapPanel = this.#createMap(firstView);
    this.queue = new ReviewQueue(({ verdict, id, className, group, undone }) => {
      const order = undone ? { undo: undone.review } : { verdict, id, class_name: className, group };
      this.setProps(COMPONENT.order, { data: order });
    });
    this.suspects = new SuspectList(this.queue, {
      select: (id) => this.setProps(COMPONENT.selected, { data: { id, by: 'list' } }),
      turnTo: (page) => this.setProps(COMPONENT.suspectsPage, { data: page }),
      say: (text) => this.setProps(COMPONENT.verdictMessage, { children: text }),
    });
    this.dock = new Dock({
      queue: this.queue,
      map: () => this.mapPanel,
      selection: () => this.selection,
      look: (id) => this.suspects.select(id),
      say: (text) => this.setProps(COMPONENT.verdictMessage, { children: text }),
    });
    this.#listenToPage();
    /** @type {SelectionPanel | null} */
    this.selection = null;
    if (this.mapPanel) this.#listenToMap(this.mapPanel);
  }

  /**
   * @param {string | null} firstView
   * @returns {MapPanel | null} null, with the reason on the page, where the browser cannot show it
   */
  #createMap(firstView) {
    try {
      return new MapPanel(this.legend, firstView);
    } catch (error) {
      byId(COMPONENT.mapStatus).textContent = messageOf(error);
      return null;
    }
  }

  // ---- what tests and curious people ask --------------------------------------------------------------------------

  get map() {
    return this.mapPanel?.map;
  }

  get spec() {
    return this.mapPanel?.spec;
  }

  // ---- called by Dash ---------------------------------------------------------------------------------------------

  /** @param {import('./map_panel.mjs').MapSpec | null} spec store MAP of `explorer/state.py`: what to load, if any */
  async showMap(spec) {
    this.hoverCard.hide();
    this.selection?.show([]);
    byId(COMPONENT.mapHost).hidden = spec === null;
    await this.mapPanel?.show(spec);
  }

  /**
   * Marks the selected point wherever it is listed. A style rule does, because lists are written anew by Dash.
   * @param {string | null} id
   */
  markSelected(id) {
    const rule = id ? `[data-point-id="${CSS.escape(id)}"] { border-color: var(--accent); background: var(--accent-soft); }` : '';
    this.selectedRule.textContent = rule;
    this.suspects.selectedId = id;
  }

  /** @param {import('./review_queue.mjs').Outcome} outcome store OUTCOME of `explorer/state.py` */
  done(outcome) {
    this.suspects.done(outcome);
    this.dock.reviewsChanged();
  }

  // ---- the map speaks ---------------------------------------------------------------------------------------------

  /** @param {MapPanel} mapPanel */
  #listenToMap(mapPanel) {
    const selection = new SelectionPanel(
      byId(COMPONENT.selection), (row) => mapPanel.describe(row), () => mapPanel.spec?.rowUrl ?? '',
    );
    this.selection = selection;
    /** @type {Record<string, (detail: any) => void>} the events of `PointMap` */
    const reactions = {
      hover: ({ row, px, py }) => {
        if (row < 0) this.hoverCard.hide();
        else this.hoverCard.show(mapPanel.describe(row), px, py);
      },
      choose: ({ row }) => {
        this.setProps(COMPONENT.choice, { data: { row } });
        this.#announce(row < 0 ? 'Nothing selected' : `Selected a point of class ${mapPanel.describe(row).className}`);
      },
      select: ({ rows }) => {
        selection.show(rows);
        this.dock.selected(rows.length);
        this.#announce(`${rows.length.toLocaleString('en')} points selected`);
      },
      view: ({ text }) => this.setProps(COMPONENT.view, { data: text }),
    };
    for (const [name, react] of Object.entries(reactions)) {
      mapPanel.map.addEventListener(name, (event) => {
        if (event instanceof CustomEvent) react(event.detail);
      });
    }
    for (const name of ['pointerover', 'focusin']) {
      document.addEventListener(name, ({ target }) => mapPanel.emphasize(target));
    }
  }

  /** @param {string} text for screen readers */
  #announce(text) {
    byId(COMPONENT.mapLive).textContent = text;
  }

  // ---- the page speaks --------------------------------------------------------------------------------------------

  #listenToPage() {
    document.addEventListener('keydown', (event) => {
      if (!this.dock.key(event)) this.suspects.key(event);
    });
    document.addEventListener('click', (event) => {
      if (this.suspects.click(event)) return;
      const pointId = closest(event.target, '[data-point-id]')?.dataset.pointId;
      if (pointId) this.suspects.select(pointId);
      const row = closest(event.target, '[data-row]')?.dataset.row;
      if (row) this.map?.choose(Number(row), 'list');
      const tool = closest(event.target, '[data-map-tool]')?.dataset.mapTool;
      if (tool) this.#useTool(tool);
    });
  }

  /** @param {string} tool */
  #useTool(tool) {
    if (!this.mapPanel) return;
    if (tool === 'png') this.#save('map.png', this.mapPanel.toPng());
    else if (tool === 'csv' && this.selection) this.#save('selection.csv', this.selection.toCsv());
    else this.mapPanel.use(tool);
  }

  /** @param {string} name @param {Promise<Blob>} content */
  async #save(name, content) {
    const anchor = document.createElement('a');
    try {
      anchor.href = URL.createObjectURL(await content);
    } catch (error) {
      this.mapPanel?.say(messageOf(error));
      return;
    }
    anchor.download = name;
    anchor.click();
    URL.revokeObjectURL(anchor.href);
  }
}
