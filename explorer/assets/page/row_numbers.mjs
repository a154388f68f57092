/** Which rows the points of a map have on another one. Knows no document. */

import { send } from './send.mjs';
import { answerOf } from './server.mjs';
import { CollectionApi } from './worklists/collection_api.mjs';

/** @typedef {import('./kept_selection.mjs').MapName} MapName */

/**
 * @param {MapName} from
 * @param {MapName} to of the same collection
 * @returns {Promise<Int32Array>} row on the second map of each row of the first, -1 for points that it lacks
 * @throws {Error} in the api's words
 */
export async function readNumbers(from, to) {
  const api = new CollectionApi(to.collection, send);
  const url = api.url(`/projections/${encodeURIComponent(to.id)}/renumbering`, { rows_of: from.id });
  return new Int32Array(await (await answerOf(send, url)).arrayBuffer());
}
