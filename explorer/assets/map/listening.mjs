/** Events of maps: who listens is told their detail. */

/**
 * @param {EventTarget} target
 * @param {string} name of the event
 * @param {(detail: any) => void} act
 * @param {AddEventListenerOptions} [options]
 */
export function listen(target, name, act, options) {
  target.addEventListener(name, (event) => { if (event instanceof CustomEvent) act(event.detail); }, options);
}
