/** Pictures that did not come say so in their place; one that comes after all is as it was. */

const WORDS = 'No picture';
const WHY = 'The picture could not be loaded. Reload the page to try again.';

export function sayFailedPictures() {
  // Neither event bubbles, so both are caught on their way down.
  document.addEventListener('error', ({ target }) => { if (target instanceof HTMLImageElement) fail(target); }, true);
  document.addEventListener('load', ({ target }) => { if (target instanceof HTMLImageElement) restore(target); }, true);
}

/** @param {HTMLImageElement} picture */
function fail(picture) {
  if (picture.dataset.failed !== undefined) return;
  const { alt, title } = picture;
  picture.dataset.failed = JSON.stringify({ alt, title });
  Object.assign(picture, { alt: alt ? `${WORDS}: ${alt}` : WORDS, title: WHY });
}

/** @param {HTMLImageElement} picture */
function restore(picture) {
  const { failed } = picture.dataset;
  if (failed === undefined) return;
  Object.assign(picture, JSON.parse(failed));
  delete picture.dataset.failed;
}
