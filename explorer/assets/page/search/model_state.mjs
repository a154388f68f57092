/** Whether a search by an image or words waits for its model. Knows no document. */

import { CollectionApi } from '../worklists/collection_api.mjs';

/**
 * @param {import('../server.mjs').Send} send `fetch`
 * @param {string} collection
 * @returns {Promise<string>} name of the model that is loaded first; empty if none is, or if it is not known
 */
export async function whichLoads(send, collection) {
  try {
    const { embedder, is_loaded: isLoaded } = await new CollectionApi(collection, send).get('/neighbors/model');
    return isLoaded ? '' : shortModel(embedder);
  } catch {
    return ''; // the search itself says what is wrong
  }
}

/** @param {string} loads name of the model that is loaded first, if one is @returns {string} what a search says while it has no answer */
export function askingWords(loads) {
  return loads === '' ? 'Searching …' : `Loading the model ${loads}, once …`;
}

/** @param {string} embedder @returns {string} the model's name without the library's */
export function shortModel(embedder) {
  return embedder.replace(/^(timm|hf):/, '');
}
