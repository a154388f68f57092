/** A wait between two questions to the server. */

/** @param {number} ms @returns {Promise<void>} */
export function pause(ms) {
  return new Promise((resolve) => { globalThis.setTimeout(resolve, ms); });
}
