/** Questions to the api that are about no collection. Knows no document. */

import { send } from '../send.mjs';
import { asJson, ask } from '../server.mjs';

/** @param {string} path @param {object} [body] sent by POST @returns {Promise<any>} @throws {Error} in the api's words */
export function askApi(path, body) {
  return ask(send, path, body && asJson(body));
}
