/** Requests to the server, and its errors in its own words. Knows no document. */

/** From the page's base on, so that requests go through the proxy that the page came through. */
export const API = 'api/v1';
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
  const response = await answerOf(send, `${API}${path}`, init);
  return response.status === 204 ? null : response.json();
}

/**
 * @param {Send} send
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<Response>} @throws {Error} in the api's words
 */
export async function answerOf(send, url, init) {
  let response;
  try {
    response = await send(url, init);
  } catch {
    throw new Error(NO_ANSWER);
  }
  if (response.ok) return response;
  throw await faultOf(response);
}

/** @param {object} body @param {string} method @returns {RequestInit} */
export function asJson(body, method = 'POST') {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** @param {string} text @returns {string} the text with a capital */
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {unknown} error of the api @returns {boolean} whether there is no such point; the api gives no code to an id that fits no address */
export function isUnknownPoint(error) {
  const { status, code } = /** @type {{status?: number, code?: string}} */ (error);
  return status === 404 && (code === 'PointNotFoundError' || !code);
}

/** @param {Response} response @returns {Promise<Error>} what the api says is wrong, as a sentence; `code` is its kind */
async function faultOf(response) {
  try {
    const { detail, title, code } = await response.json();
    return Object.assign(new Error(sentence(String(detail ?? title))), { code, status: response.status });
  } catch {
    return new Error(`The server answered with status ${response.status}.`);
  }
}
