/** Hands a file to the browser, which saves it. */

import { messageOf } from './worklists/store.mjs';

/**
 * @param {string} name
 * @param {Promise<Blob>} content
 * @param {(text: string) => void} say told what is wrong
 */
export async function saveFile(name, content, say) {
  try {
    saveBlob(name, await content);
  } catch (error) {
    say(messageOf(error));
  }
}

/** @param {string} name @param {string} text @param {string} type */
export function saveText(name, text, type) {
  saveBlob(name, new Blob([text], { type }));
}

/** @param {string} name @param {string} url of a file of the server, which is never held in memory here */
export function saveFrom(name, url) {
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
}

/** @param {string} name @param {Blob} content */
function saveBlob(name, content) {
  const url = URL.createObjectURL(content);
  saveFrom(name, url);
  URL.revokeObjectURL(url);
}
