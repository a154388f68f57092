/** Words that name a key where there is likely a keyboard; the style sheets ask the same question. */

/** @param {string} words @param {string} key such as "(c)" @returns {string} */
export function withKey(words, key) {
  return matchMedia('(pointer: coarse), (max-width: 600px)').matches ? words : `${words} ${key}`;
}
