/**
 * The functions that Dash's clientside callbacks name. Dash loads this file as a classic script; the page itself is an
 * ES module, loaded at once and made when the first callback finds its elements in the document.
 */
(() => {
  /** @typedef {import('./page/page.mjs').Page} Page */
  /** @typedef {{set_props: (id: string, props: object) => void, no_update: object}} DashClientside */
  /** @typedef {import('./page/page.mjs').Selected} Selected */

  /** The page's modules, joined by the server; the browser has begun to load them. */
  const joined = /** @type {HTMLScriptElement} */ (document.querySelector('script[type=module]')).src;
  const firstView = new URLSearchParams(location.search).get('v');
  /** Where Dash keeps its functions, and where tests and curious people find the page. */
  const global = /** @type {{dash_clientside: DashClientside, lookalike?: Page}} */ (/** @type {unknown} */ (window));
  /** @type {Promise<Page> | null} */
  let page = null;

  const thePage = () => {
    page ??= import(joined).then(({ loadPage, early }) => {
      global.lookalike = new (loadPage().Page)(
        (/** @type {string} */ id, /** @type {object} */ props) => global.dash_clientside.set_props(id, props), firstView, early,
      );
      return /** @type {Page} */ (global.lookalike);
    });
    return page;
  };

  /** Dash draws nothing if it has to keep a value where the browser forbids that. */
  const isStoreForbidden = () => {
    try {
      return !localStorage;
    } catch {
      return true;
    }
  };

  /**
   * Fills answers into a layout before Dash draws it, and has it keep values where it can.
   * @param {any} part of the layout
   * @param {Record<string, object>} answers values of components by id and property
   */
  const fill = (part, answers) => {
    if (Array.isArray(part)) for (const one of part) fill(one, answers);
    else if (part?.props) {
      fill(part.props.children, answers);
      Object.assign(part.props, answers[part.props.id]);
      if (part.props.persistence && isStoreForbidden()) part.props.persistence_type = 'memory';
    }
  };

  /**
   * Calls the page as soon as it is there, in the order of the calls. Dash waits for none of them: it calls twelve
   * functions at once, and what came thirteenth would come after what a person does meanwhile.
   * @param {(page: Page) => unknown} act
   */
  const withPage = (act) => void thePage().then(act);

  const explorer = {
    /**
     * Fills in the first answers, which came with the page.
     * @param {object} layout
     */
    open(layout) {
      const answers = JSON.parse(document.getElementById('opening')?.textContent ?? 'null');
      fill(layout, answers ?? {});
    },
    /** Stops the clock when it has struck; the last answer that it asked for sets it going again. */
    stopClock() { return true; },
    /**
     * Opens the map that the server found, unless somebody has chosen another one since it was asked.
     * @param {{id: string | null, before: string | null}} found
     * @param {string | null | undefined} chosen
     * @param {{value: string}[]} listed
     */
    openFound(found, chosen, listed) {
      const isChosenSince = (chosen ?? null) !== found.before && listed.some(({ value }) => value === chosen);
      return isChosenSince ? global.dash_clientside.no_update : found.id;
    },
    /** @param {import('./page/map_panel.mjs').MapSpec | null | undefined} spec undefined until it is known */
    showMap(spec) { withPage((it) => it.showMap(spec)); },
    /** @param {number} sizePx */
    setDotSize(sizePx) { withPage(({ map }) => map?.setDotSize(sizePx)); },
    /** @param {boolean} isShown */
    showContours(isShown) { withPage(({ map }) => map?.layers.showContours(isShown)); },
    /** @param {boolean} isFading */
    fadeCrowds(isFading) { withPage(({ map }) => map?.renderer.fade(isFading)); },
    /** @param {Selected | undefined} selected */
    markSelected(selected) { if (selected) withPage((it) => it.markSelected(selected)); },
    /** @param {import('./page/map_panel.mjs').Relabels | undefined} relabels */
    relabel(relabels) { withPage(({ mapPanel }) => mapPanel?.relabel(relabels ?? null)); },
    /** @param {import('./page/dock.mjs').OpenCollection | null | undefined} collection */
    openCollection(collection) { if (collection !== undefined) withPage((it) => it.openCollection(collection)); },
    /** @param {{collection: string, revision: string} | undefined} seen */
    reviewsChanged(seen) { if (seen) withPage((it) => it.reviewsChanged(seen)); },
    /** @param {string} annotation */
    annotate(annotation) { withPage(({ lookedAt }) => lookedAt.annotate(annotation)); },
    /**
     * Another class chosen from the list.
     * @param {string | null} className
     * @param {Selected | undefined} selected
     * @returns what empties the list
     */
    acceptAs(className, selected) {
      const id = selected?.id;
      if (className && id) withPage(({ inspector }) => inspector.choose(id, className));
      return className ? null : global.dash_clientside.no_update;
    },
    /**
     * @param {{name: string} | undefined} collection
     * @param {{id: string} | undefined} projection
     * @param {Selected | undefined} selected
     * @param {string | undefined} view
     */
    updateLink(collection, projection, selected, view) {
      if (!projection) return; // the link that the page was opened with has not been followed yet
      const seen = { collection: collection?.name, projection: projection.id, id: selected?.id, v: view };
      withPage((it) => it.writeLink(seen, selected?.n));
    },
  };
  global.dash_clientside = Object.assign({}, global.dash_clientside, { explorer });
})();
