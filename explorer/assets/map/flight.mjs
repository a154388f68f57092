/** Smooth camera moves, so that eyes can follow where the map went. */

const DURATION_MS = 350;

const easeInOut = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

/** Whether the user asked their system for less motion. */
const wantsLessMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * Moves the camera to a view, at once where the user wants less motion.
 * @param {import('./camera.mjs').Camera} camera
 * @param {{x: number, y: number, zoom: number}} target
 * @param {() => void} onStep called after every change of the camera
 * @returns {() => void} stops the flight where it is
 */
export function fly(camera, target, onStep) {
  const { x, y, zoom } = camera;
  const startedMs = performance.now();
  let frame = 0;
  const step = (nowMs) => {
    const t = wantsLessMotion() ? 1 : Math.min(1, Math.max(0, (nowMs - startedMs) / DURATION_MS));
    const e = easeInOut(t);
    camera.lookAt(x + (target.x - x) * e, y + (target.y - y) * e, zoom * (target.zoom / zoom) ** e);
    onStep();
    if (t < 1) frame = requestAnimationFrame(step);
  };
  step(startedMs);
  return () => cancelAnimationFrame(frame);
}
