/** Requests to the server that are about no collection, and its errors in its own words. Knows no document. */

import { API } from './worklists/collection_api.mjs';

export { API };
const NO_ANSWER = 'The server does not answer. It may have been stopped, or the connection is lost.';

/** @typedef {(url: string, init?: RequestInit) => Promise<Response>} Send `fetch` */

/**
 * @param {Send} send
 * @param {string} path below the api, such as "/runs"
 * @param {RequestInit} [init]
 * @returns {Promise<any>} what a JSON answer holds; null for an empty one
 * @throws {Error} in the api's words
 */
export async function ask(send, path, init) {
  let response;
  try {
    response = await send(`${API}${path}`, init);
  } catch {
    throw new Error(NO_ANSWER);
  }
  if (!response.ok) throw await faultOf(response);
  return response.status === 204 ? null : response.json();
}

/** @param {object} body @param {string} method @returns {RequestInit} */
export function asJson(body, method = 'POST') {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** @param {string} text @returns {string} the text with a capital */
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {Response} response @returns {Promise<Error>} what the api says is wrong, as a sentence; `code` is its kind */
async function faultOf(response) {
  try {
    const { detail, title, code } = await response.json();
    return Object.assign(new Error(sentence(String(detail ?? title))), { code });
  } catch {
    return new Error(`The server answered with status ${response.status}.`);
  }
}
