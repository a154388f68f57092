/** A card that follows the finger, and says what letting go would mean. */

import { h, useRef, useState } from '../worklists/react.mjs';
import { swipeMeans } from './swipe.mjs';

/**
 * @param {object} props
 * @param {Record<'accept' | 'dismiss', string>} props.words what a swipe means
 * @param {(verdict: 'accept' | 'dismiss') => void} props.judge
 * @param {any} props.children
 */
export function SwipeCard({ words, judge, children }) {
  const start = useRef(/** @type {{x: number, y: number} | null} */ (null));
  const [moved, setMoved] = useState({ dx: 0, dy: 0 });
  const meaning = swipeMeans(moved.dx, moved.dy);
  const rest = () => {
    start.current = null;
    setMoved({ dx: 0, dy: 0 });
  };
  return h('div', {
    className: `swipe-card${moved.dx === 0 ? '' : ' is-moving'}`, style: { '--swipe': `${moved.dx}px` },
    onTouchStart: (/** @type {any} */ event) => {
      const [touch] = event.touches;
      rest(); // a second finger means no verdict
      if (event.touches.length === 1) start.current = { x: touch.clientX, y: touch.clientY };
    },
    onTouchMove: (/** @type {any} */ event) => {
      const [touch] = event.touches;
      if (start.current) setMoved({ dx: touch.clientX - start.current.x, dy: touch.clientY - start.current.y });
    },
    onTouchEnd: () => {
      rest();
      if (meaning) judge(meaning);
    },
    onTouchCancel: rest,
  },
  children,
  meaning && h('div', { className: `swipe-meaning is-${meaning}`, role: 'status' }, words[meaning]));
}
