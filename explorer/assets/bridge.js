/**
 * The functions that Dash's clientside callbacks name. Dash loads this file as a classic script; the page itself is an
 * ES module, imported once, when the first callback finds its elements in the document.
 */
(() => {
  const base = new URL('.', document.currentScript.src);
  const firstView = new URLSearchParams(location.search).get('v');
  let page = null;

  /** The page, which is also `window.lookalike`, so that tests and curious people can ask it. */
  const thePage = () => {
    page ??= import(new URL('page/page.mjs', base)).then(({ Page }) => {
      window.lookalike = new Page((id, props) => window.dash_clientside.set_props(id, props), firstView);
      return window.lookalike;
    });
    return page;
  };

  const explorer = {
    showMap: async (spec) => (await thePage()).showMap(spec ?? null),
    highlight: async (highlight) => (await thePage()).highlight(highlight ?? null),
    colorBy: async (value) => (await thePage()).colorBy(value),
    setDotSize: async (sizePx) => (await thePage()).setDotSize(sizePx),
    findClass: async (text) => (await thePage()).legend.find(text ?? ''),
    markSelected: async (selected) => (await thePage()).markSelected(selected?.id ?? null),
    relabel: async (relabels) => (await thePage()).relabel(relabels ?? null),
    orderDone: async (outcome) => { if (outcome) (await thePage()).desk.done(outcome); },
    suspectsListed: async (cards, ...shown) => (await thePage()).desk.listed(...shown),
    /** Another class chosen from the list; gives back what empties it. */
    acceptAs(className, selected) {
      if (className && selected?.id) thePage().then(({ desk }) => desk.choose(selected.id, className));
      return className ? null : window.dash_clientside.no_update;
    },
    async updateLink(collection, projection, selected, view) {
      if (!projection) return; // the link that the page was opened with has not been followed yet
      const { writeLink } = await import(new URL('page/link.mjs', base));
      writeLink({ collection: collection?.name, projection: projection.id, id: selected?.id, v: view });
    },
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { explorer });
})();
