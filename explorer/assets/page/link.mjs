/** The page's address as a link to what is seen: collection, projection, selected point, view and worklist. */

/**
 * @param {Record<string, string | null | undefined>} values replace those of the same name in the address; none removes
 * @param {{isStep?: boolean}} options whether the browser's Back leads to what was seen before
 */
export function writeLink(values, { isStep = false } = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  const address = text ? `?${text}` : location.pathname;
  if (isStep) history.pushState(history.state, '', address);
  else history.replaceState(history.state, '', address);
}

/** @param {string} name @returns {string | null} its value in the address */
export function readLink(name) {
  return new URLSearchParams(location.search).get(name);
}
