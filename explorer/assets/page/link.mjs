/** The page's address as a link to what is seen: collection, projection, selected point and view. */

/** @param {Record<string, string | null | undefined>} values replaces the query of the address */
export function writeLink(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value);
  const text = query.toString();
  history.replaceState(history.state, '', text ? `?${text}` : location.pathname);
}
