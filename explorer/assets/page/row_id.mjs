/** Which point is behind a row of the map. Knows no document. */

/**
 * @param {string} url of one row
 * @returns {Promise<{id: string | null, why: string}>} the point behind it, or why there is none
 */
export async function idOfRow(url) {
  try {
    const response = await fetch(url);
    const [found] = response.ok ? await response.json() : [];
    if (found) return { id: found.point.id, why: '' };
    return { id: null, why: 'This point was deleted since the map was made; update the map.' };
  } catch {
    return { id: null, why: 'The server does not answer; choose the point again.' };
  }
}
