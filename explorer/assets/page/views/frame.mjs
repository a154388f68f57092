/** What is seen of a long list that scrolls, as a React hook. */

import { useEffect, useRef, useState } from '../worklists/react.mjs';
import { scrollTo, windowOf } from './windowing.mjs';

/** @typedef {import('./windowing.mjs').Frame} Frame */
/** @typedef {import('./gallery_list.mjs').GalleryList} GalleryList */

/**
 * Follows the scrolling of a list, loads what comes into view, and keeps the current item in view.
 * @param {GalleryList} list
 * @param {(widthPx: number) => {nColumns: number, lineHeightPx: number}} layOut
 * @param {number} headPx height of what stays at the top of what scrolls
 * @returns {{host: {current: any}, frame: Frame, first: number, last: number, topPx: number, follow: () => void}}
 */
export function useFrame(list, layOut, headPx = 0) {
  const host = useRef(/** @type {HTMLElement | null} */ (null));
  const [seen, setSeen] = useState({ widthPx: 0, heightPx: 0, scrollTopPx: 0 });
  const follow = () => {
    const { clientWidth = 0, clientHeight = 0, scrollTop = 0 } = host.current ?? {};
    setSeen({ widthPx: clientWidth, heightPx: Math.max(0, clientHeight - headPx), scrollTopPx: scrollTop });
  };
  const { current, status, cards } = list.state;
  useEffect(() => {
    if (host.current === null) return undefined;
    follow();
    const observer = new ResizeObserver(follow);
    observer.observe(host.current);
    return () => observer.disconnect();
  }, [status, cards.length === 0]);
  const { nColumns, lineHeightPx } = layOut(seen.widthPx);
  const frame = { nItems: cards.length, nColumns, lineHeightPx, heightPx: seen.heightPx, scrollTopPx: seen.scrollTopPx };
  const { first, last, topPx } = windowOf(frame);
  Object.assign(list, { nColumns, nLines: Math.max(1, Math.floor(seen.heightPx / lineHeightPx)) });
  useEffect(() => { if (last > first) void list.need(first, last); }, [first, last, cards]);
  useEffect(() => {
    if (host.current === null || list.place < 0 || seen.heightPx === 0) return;
    const wanted = scrollTo({ ...frame, scrollTopPx: host.current.scrollTop }, list.place);
    if (wanted !== host.current.scrollTop) host.current.scrollTop = wanted;
  }, [current, nColumns, lineHeightPx, seen.heightPx === 0]);
  return { host, frame, first, last, topPx, follow };
}

/** Takes the keyboard to a list that was just opened, but from nobody who works elsewhere. @param {{current: any}} host @param {boolean} isThere */
export function useFocus(host, isThere) {
  useEffect(() => { if (isThere && document.activeElement === document.body) host.current?.focus({ preventScroll: true }); }, [isThere]);
}
