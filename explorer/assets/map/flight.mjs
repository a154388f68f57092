/** Motion, so that eyes can follow; none where the user asked their system for less of it. */

const FLIGHT_MS = 350;

/** @param {number} t */
const easeInOut = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

/**
 * Calls `step` in every frame with a progress that goes smoothly from 0 to 1.
 * @param {number} durationMs
 * @param {(progress: number) => void} step called at least once, the last time with 1
 * @returns {() => void} stops where it is
 */
export function animate(durationMs, step) {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    step(1);
    return () => {};
  }
  const startedMs = performance.now();
  let frame = 0;
  const next = (/** @type {number} */ nowMs) => {
    const t = Math.min(1, Math.max(0, (nowMs - startedMs) / durationMs));
    if (t < 1) frame = requestAnimationFrame(next);
    step(easeInOut(t));
  };
  next(startedMs);
  return () => cancelAnimationFrame(frame);
}

/**
 * Moves the camera to a view.
 * @param {import('./camera.mjs').Camera} camera
 * @param {{x: number, y: number, zoom: number}} target
 * @param {() => void} onStep called after every change of the camera
 * @returns {() => void} stops the flight where it is
 */
export function fly(camera, target, onStep) {
  const { x, y, zoom } = camera;
  return animate(FLIGHT_MS, (progress) => {
    const nextZoom = zoom * (target.zoom / zoom) ** progress;
    camera.lookAt(x + (target.x - x) * progress, y + (target.y - y) * progress, nextZoom);
    onStep();
  });
}
