/** The page's address as a link to what is seen: collection, projection, selected point, view and worklist. */

/** @typedef {Record<string, string | string[] | null | undefined>} LinkValues several values of one name are a list */

/**
 * @param {LinkValues} values replace those of the same name in the address; none removes
 * @param {{isStep?: boolean}} options whether the browser's Back leads to what was seen before
 */
export function writeLink(values, { isStep = false } = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    query.delete(name);
    for (const one of listOf(value)) query.append(name, one);
  }
  const text = query.toString();
  const address = text ? `?${text}` : location.pathname;
  if (isStep) history.pushState(history.state, '', address);
  else history.replaceState(history.state, '', address);
}

/** @param {LinkValues} values @returns {boolean} whether the address says something else of one of these names */
export function differs(values) {
  const query = new URLSearchParams(location.search);
  return Object.entries(values).some(([name, value]) => JSON.stringify(query.getAll(name)) !== JSON.stringify(listOf(value)));
}

/**
 * Writes what a store holds into the address, step by step, and shows what the address says after Back.
 * @param {{subscribe: (listener: () => void) => () => void, toLink: () => LinkValues, adopt: (search: string) => void, isMending: boolean}} store
 */
export function keepInAddress(store) {
  store.subscribe(() => {
    const link = store.toLink();
    if (differs(link)) writeLink(link, { isStep: !store.isMending });
  });
  window.addEventListener('popstate', () => store.adopt(location.search));
}

/** @param {string | string[] | null | undefined} value @returns {string[]} */
function listOf(value) {
  if (Array.isArray(value)) return value;
  return value ? [value] : [];
}

/** @param {string} name @returns {string | null} its value in the address */
export function readLink(name) {
  return new URLSearchParams(location.search).get(name);
}
