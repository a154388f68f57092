/** How pieces of the page send requests; tests give their stores another way. */

/** @type {import('./server.mjs').Send} */
export const send = (url, init) => fetch(url, init);
