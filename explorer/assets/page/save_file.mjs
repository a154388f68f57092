/** Hands a file to the browser, which saves it. */

import { messageOf } from './worklists/store.mjs';

/**
 * @param {string} name
 * @param {Promise<Blob>} content
 * @param {(text: string) => void} say told what is wrong
 */
export async function saveFile(name, content, say) {
  const anchor = document.createElement('a');
  try {
    anchor.href = URL.createObjectURL(await content);
  } catch (error) {
    say(messageOf(error));
    return;
  }
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(anchor.href);
}
