/** Choice of a project or data set of the Supervisely server, in the form that indexes it. */

import { SuperviselyTree } from '../supervisely_tree.mjs';
import { h, useEffect, useState } from '../worklists/react.mjs';
import { askApi } from './asking.mjs';

/**
 * The tree in a form that asks for a source; absent unless the api's environment names a server.
 * @param {{onChoose: (source: string) => void}} props
 */
export function SuperviselyChoice({ onChoose }) {
  const [address, setAddress] = useState(/** @type {string | null} */ (null));
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    askApi('/supervisely').then(({ address: found }) => setAddress(found), () => setAddress(null));
  }, []);
  if (address === null) return null;
  return h('details', { onToggle: (/** @type {any} */ event) => setOpen(event.currentTarget.open) },
    h('summary', { title: address }, 'Or choose a project on Supervisely'),
    isOpen && h(SuperviselyTree, { onChoose }));
}
