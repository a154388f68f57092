/** Which point is behind a row of the map. Knows no document. */

import { send } from './send.mjs';
import { answerOf } from './server.mjs';
import { messageOf } from './worklists/store.mjs';

/**
 * @param {string} url of one row
 * @returns {Promise<{id: string | null, why: string}>} the point behind it, or why there is none
 */
export async function idOfRow(url) {
  try {
    const [found] = await (await answerOf(send, url)).json();
    if (found) return { id: found.point.id, why: '' };
    return { id: null, why: 'This point was deleted since the map was made; update the map.' };
  } catch (error) {
    return { id: null, why: messageOf(error) };
  }
}
