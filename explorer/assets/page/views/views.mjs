/** Joins the views of the centre with the page: the address, the filter, the keyboard, and verdicts. */

import { Absent, BulkBar } from '../cards.mjs';
import { COMPONENT } from '../component_ids.mjs';
import { isMarkAll } from '../dock_keys.mjs';
import { byId, closest, TEXT_FIELDS, within } from '../elements.mjs';
import { keepInAddress } from '../link.mjs';
import { createRoot, h, useStore } from '../worklists/react.mjs';
import { messageOf } from '../worklists/store.mjs';
import { GalleryList } from './gallery_list.mjs';
import { GalleryView } from './gallery_view.mjs';
import { TableView } from './table_view.mjs';
import { isList, ViewState } from './view_state.mjs';
import { LinkedSelection } from './linked_selection.mjs';
import { Selecting } from './selecting.mjs';
import { SelectionTools, TagField } from './selection_tools.mjs';
import { Examples, ViewsBar } from './views_bar.mjs';

/** @typedef {import('../worklists/card_worklist.mjs').Tools} Tools */

/** Search by examples answers the nearest of so many points. */
const MOST_SIMILAR = 1000;
/** It takes so many examples. */
const MOST_EXAMPLES = 1000;
/** What keys but letters mean something to. */
const KEYED = 'button, summary, a, input, select';

/**
 * @typedef {object} ViewsOnPage
 * @property {() => Record<string, unknown>} conditions of the page's filter
 * @property {() => string | null} lookedAt id of the point that the inspector shows
 * @property {(name: string) => void} onlyClass has the filter leave one class
 * @property {() => void} refreshJudged verdicts are shown by now
 * @property {(rows: number[]) => void} select on the map
 * @property {import('./selecting.mjs').PageOfSelecting['restore']} restore selects on the map, while the worklist in view stays
 * @property {() => void} tagged points have other tags
 *
 * @typedef {ViewsOnPage & import('./linked_selection.mjs').PageOfLinkedSelection} PageOfViews
 */

export class Views {
  /** @param {PageOfViews} page */
  constructor(page) {
    this.page = page;
    this.look = new ViewState(location.search);
    /** @type {GalleryList | null} */
    this.list = null;
    this.question = this.look.question;
    this.revision = '';
    /** @type {string | null} what the list is ordered by similarity to, whatever is looked at meanwhile */
    this.similarTo = null;
    this.selecting = new Selecting({
      select: page.select,
      restore: page.restore,
      link: (isStep) => this.linked.follow({ isStep }),
      tagged: () => { page.tagged(); this.forget(); },
    });
    this.linked = new LinkedSelection(page, () => this.selecting);
    this.bar = createRoot(byId(COMPONENT.viewsBar));
    this.host = byId(COMPONENT.viewsHost);
    this.root = createRoot(this.host);
    this.selectionRoot = createRoot(within(byId(COMPONENT.selection), '.selection-tools'));
    keepInAddress(this.look);
    this.look.subscribe(() => this.#changed());
    document.addEventListener('click', (event) => {
      const name = closest(event.target, '[data-class-gallery]')?.dataset.classGallery;
      if (name !== undefined) this.openClass(name);
    });
    this.#show();
  }

  /** Whether a gallery or table is in view. */
  get isOpen() {
    return isList(this.look.state.view);
  }

  /** @param {Tools} tools of the collection that was opened */
  open(tools) {
    this.list = new GalleryList(tools, (offset, limit) => this.#load(tools, offset, limit));
    void this.selecting.open(tools);
    this.selectionRoot.render(h(SelectionTools, {
      selecting: this.selecting, look: this.look, readIds: tools.selectedIds, useAs: (/** @type {'like' | 'unlike'} */ kind) => void this.#useSelected(tools, kind),
    }));
    this.#render();
    if (this.isOpen) this.list.open();
  }

  /** @param {Tools} tools @param {'like' | 'unlike'} kind of search: a new one by examples, or counter-examples for it */
  async #useSelected(tools, kind) {
    const { view } = this.look.state;
    const found = await tools.selectedIds().catch((error) => { tools.say(messageOf(error)); return []; });
    const isLate = view !== this.look.state.view || tools !== this.list?.tools; // another view or collection was chosen meanwhile
    if (found.length === 0 || isLate) return;
    if (found.length > MOST_EXAMPLES) tools.say(`The first ${MOST_EXAMPLES.toLocaleString('en')} points are the examples.`);
    const ids = found.slice(0, MOST_EXAMPLES);
    if (kind === 'like') this.look.set({ view: 'gallery', like: ids, unlike: [] });
    else {
      this.look.set({ view: 'gallery' });
      this.look.addExamples('unlike', ids);
    }
  }

  /** @param {string} revision of the collection that is open; another one has other points */
  follow(revision) {
    const isOther = this.revision !== '' && revision !== this.revision;
    this.revision = revision;
    if (isOther) this.forget();
  }

  /** Points or the filter are others. */
  forget() {
    this.list?.forget();
    if (this.isOpen) this.list?.open();
  }

  /** @param {string | null} id of the point that the inspector shows by now */
  looked(id) {
    this.list?.looked(id);
  }

  /** Shows all points of a class, the doubtful first. @param {string} name */
  openClass(name) {
    this.page.onlyClass(name);
    this.look.set({ view: 'gallery', order: 'suspect', descending: true, like: [], unlike: [] });
  }

  /** @param {'like' | 'unlike'} kind makes what is marked, or else the current point, examples */
  addExamples(kind) {
    const ids = this.list?.targets.map(({ id }) => id) ?? [];
    if (ids.length === 0) return;
    this.list?.clear();
    this.look.addExamples(kind, ids);
  }

  /**
   * Keys belong to the list in view if somebody pressed there last; the one that marks all, unless another list was pressed.
   * @param {KeyboardEvent} event
   * @param {string | null} zone where somebody last pressed
   * @returns {boolean} whether it is meant for nobody else
   */
  key(event, zone) {
    const isMeant = isUndo(event) ? this.#undo(event, zone) : isMarkAll(event) ? this.#markAll(zone) : zone === 'view' && this.#keyOfList(event);
    if (isMeant) event.preventDefault();
    return isMeant;
  }

  /** @param {KeyboardEvent} event @param {string | null} zone @returns {boolean} whether it meant the selection */
  #undo({ target, shiftKey, key }, zone) {
    if (zone !== 'view' && closest(target, '.map-host') === null) return false;
    this.selecting.step(shiftKey || key === 'y' ? 1 : -1);
    return true;
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it meant something to what is listed */
  #keyOfList(event) {
    const { list } = this;
    if (!this.isOpen || list === null || isOthers(event)) return false;
    return !event.ctrlKey && this.#press(event, list);
  }

  /** @param {KeyboardEvent} event @param {GalleryList} list @returns {boolean} whether it meant something */
  #press({ key, shiftKey }, list) {
    if (key !== '+' && key !== '-') return list.key(key, shiftKey);
    this.addExamples(key === '+' ? 'like' : 'unlike');
    return true;
  }

  /** @param {string | null} zone where somebody last pressed @returns {boolean} whether it meant the list in view */
  #markAll(zone) {
    if (!this.isOpen || this.list === null || (zone !== 'view' && zone !== null)) return false;
    void this.list.markAll();
    return true;
  }

  #changed() {
    const isOther = this.look.question !== this.question;
    this.question = this.look.question;
    if (isOther) this.list?.forget();
    this.#show();
    if (this.isOpen) this.list?.open();
  }

  #show() {
    within(document, '.page').classList.toggle('has-view', this.isOpen);
    this.host.hidden = !this.isOpen;
    this.#render();
    if (this.isOpen) this.page.refreshJudged();
  }

  #render() {
    const { look, list } = this;
    this.bar.render(h(ViewsBar, { look, list, selecting: this.selecting }));
    this.root.render(list === null ? null : h(Centre, { key: list.tools.collection.name, views: this, list }));
  }

  /** @param {Tools} tools @param {number} offset @param {number} limit */
  async #load(tools, offset, limit) {
    const { order, descending, like, unlike } = this.look.state;
    if (like.length > 0) return this.#loadSimilar(tools, offset);
    const query = { ...this.page.conditions(), order, descending, offset, limit };
    if (offset === 0) this.similarTo = this.page.lookedAt();
    const { similarTo } = this;
    if (order === 'similarity' && similarTo === null) {
      return { points: [], total: 0, whyEmpty: 'choose a point first, here or on the map: the others come in the order of their similarity to it' };
    }
    const found = await tools.api.post('/gallery', order === 'similarity' ? { ...query, similar_to: [similarTo], unlike } : query);
    return { points: found.points, total: found.total, whyEmpty: found.why_empty };
  }

  /** @param {Tools} tools @param {number} offset they come at once, and so only the first page has any */
  async #loadSimilar(tools, offset) {
    const { like, unlike, onePerImage, isDiverse } = this.look.state;
    const found = await tools.api.post('/neighbors', {
      ids: like, unlike, one_per_image: onePerImage, diverse: isDiverse, limit: MOST_SIMILAR, filter: this.page.conditions(),
    });
    const points = found.neighbors.map((/** @type {any} */ { point, score }) => ({
      id: point.id, class_name: point.class_name, dataset: point.dataset, image_name: point.image_name, suggested_class: null, suspect_score: null,
      value: score, size_hw: sizeOf(point), tags: point.payload.tags ?? [], updated_at: point.payload.object_updated_at ?? null, review: null,
    }));
    return { points: points.slice(offset), total: points.length, whyEmpty: found.why_empty };
  }
}

/** @param {KeyboardEvent} event @returns {boolean} whether it takes a step back, or forth again */
function isUndo({ key, ctrlKey, metaKey, target }) {
  return (ctrlKey || metaKey) && ['z', 'Z', 'y'].includes(key) && closest(target, TEXT_FIELDS) === null;
}

/** @param {KeyboardEvent} event @returns {boolean} whether it is text, a key of the browser, or of what has the focus */
function isOthers({ target, key, metaKey, altKey }) {
  if (closest(target, TEXT_FIELDS) || metaKey || altKey || document.querySelector('dialog[open]')) return true;
  return (key.length > 1 || key === ' ') && key !== 'Escape' && closest(target, KEYED) !== null;
}

/** @param {{box: number[] | null, payload: any}} point @returns {number[] | null} height and width in px */
function sizeOf({ box, payload }) {
  return box === null ? payload.image_size_hw ?? null : [box[3] - box[1], box[2] - box[0]];
}

/** @param {{views: Views, list: GalleryList}} props */
function Centre({ views, list }) {
  const { look } = views;
  const { view, order } = useStore(look);
  const { status, cards } = useStore(list);
  if (!isList(view)) return null;
  const isThere = status === 'ready' && cards.length > 0;
  return [
    h(Examples, { key: 'examples', look }),
    !isThere && h(Absent, { key: 'absent', worklist: list, noun: 'point', empty: 'No point fits the filter.', isNarrowed: order !== 'similarity' || views.page.lookedAt() !== null }),
    isThere && h(view === 'gallery' ? GalleryView : TableView, { key: view, list, look }),
    isThere && h('div', { key: 'bar', className: 'views-foot' },
      h(BulkBar, { worklist: list, noun: 'point' }),
      list.targets.length > 0 && h('span', { className: 'views-similar' },
        h(TagField, { selecting: views.selecting, readIds: async () => list.targets.map(({ id }) => id) }),
        h('button', { className: 'act', title: 'Find points like these (+)', onClick: () => views.addExamples('like') }, 'More like these', h('kbd', null, '+')),
        h('button', { className: 'act', title: 'Lead away from these (-)', onClick: () => views.addExamples('unlike') }, 'Unlike these', h('kbd', null, '-')))),
  ];
}
