/** An image that is pasted or dropped anywhere on the page: what looks like it is found. */

import { closest } from '../elements.mjs';

const MAX_MB = 20;
/** Elements that take files themselves. */
const OTHER_PLACES = 'dialog, input[type=file]';

/**
 * @param {HTMLElement} chooser holds the button that opens the choice of a file
 * @param {(file: File, name: string) => void} find
 * @param {(text: string) => void} say
 */
export function listenForImages(chooser, find, say) {
  const sign = document.body.appendChild(Object.assign(document.createElement('div'), { className: 'drop-sign', hidden: true, textContent: 'Drop an image to find what looks like it' }));
  const take = (/** @type {FileList | undefined} */ files) => {
    const all = [...(files ?? [])];
    const file = all.find(({ type }) => type.startsWith('image/'));
    if (!file) {
      if (all.length > 0) say(`'${all[0].name}' is no image. Drop or paste an image to find what looks like it.`);
      return;
    }
    if (file.size > MAX_MB * 1e6) say(`'${file.name}' has more than ${MAX_MB} MB. Drop a smaller image.`);
    else find(file, file.name || 'the pasted image');
  };
  offerChoice(chooser, take);
  const hasFiles = (/** @type {DragEvent} */ event) => (event.dataTransfer?.types.includes('Files') ?? false) && !closest(event.target, OTHER_PLACES);
  document.addEventListener('paste', (event) => {
    if ((event.clipboardData?.files.length ?? 0) > 0) take(event.clipboardData?.files);
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
    take(event.dataTransfer?.files);
  });
}

/**
 * The input is opened by the button; by itself it would be a second stop of the keyboard, without a name.
 * @param {HTMLElement} chooser @param {(files: FileList | undefined) => void} take
 */
function offerChoice(chooser, take) {
  const input = chooser.appendChild(Object.assign(document.createElement('input'), { type: 'file', accept: 'image/*', hidden: true }));
  chooser.addEventListener('click', ({ target }) => { if (closest(target, 'button')) input.click(); });
  input.addEventListener('change', () => {
    take(input.files ?? undefined);
    input.value = ''; // the same file may be chosen again
  });
}
