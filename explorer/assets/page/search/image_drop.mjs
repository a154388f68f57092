/** An image that is pasted or dropped anywhere on the page: what looks like it is found. */

import { COMPONENT } from '../component_ids.mjs';
import { closest } from '../elements.mjs';

const MAX_MB = 20;
/** Elements that take files themselves. */
const OTHER_PLACES = `#${COMPONENT.upload}, dialog, input[type=file]`;

/**
 * @param {(contents: string, name: string) => void} find told the image as a data URL
 * @param {(text: string) => void} say
 */
export function listenForImages(find, say) {
  const sign = document.body.appendChild(Object.assign(document.createElement('div'), { className: 'drop-sign', hidden: true, textContent: 'Drop an image to find what looks like it' }));
  const take = async (/** @type {FileList | undefined} */ files) => {
    const file = [...(files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (!file) return;
    if (file.size > MAX_MB * 1e6) say(`'${file.name}' has more than ${MAX_MB} MB. Drop a smaller image.`);
    else find(await asDataUrl(file), file.name || 'the pasted image');
  };
  const hasFiles = (/** @type {DragEvent} */ event) => (event.dataTransfer?.types.includes('Files') ?? false) && !closest(event.target, OTHER_PLACES);
  document.addEventListener('paste', (event) => {
    if ((event.clipboardData?.files.length ?? 0) > 0) void take(event.clipboardData?.files);
  });
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // or the browser would open the file
    sign.hidden = false;
  });
  document.addEventListener('dragleave', (event) => { if (event.relatedTarget === null) sign.hidden = true; });
  document.addEventListener('drop', (event) => {
    sign.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    void take(event.dataTransfer?.files);
  });
}

/** @param {File} file @returns {Promise<string>} */
function asDataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
