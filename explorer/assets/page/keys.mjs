/** Words for a control. They name its key only if the device has a keyboard, as far as a page can tell; css/6_dock.css asks the same. */

/** @param {string} words @param {string} key such as "(c)" @returns {string} */
export function withKey(words, key) {
  return matchMedia('(pointer: coarse), (max-width: 600px)').matches ? words : `${words} ${key}`;
}
