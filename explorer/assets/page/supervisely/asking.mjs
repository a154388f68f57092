/** Questions to the api that are about no collection. Knows no document. */

import { API, askJson } from '../worklists/collection_api.mjs';

/** @param {string} path @param {object} [body] sent by POST @returns {Promise<any>} @throws {Error} in the api's words */
export function askApi(path, body) {
  return askJson((url, init) => fetch(url, init), `${API}${path}`, body);
}
