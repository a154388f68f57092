/** What happens before Dash has drawn the page: the first list of suspects is asked for, and the map is painted. */

import { COMPONENT } from './component_ids.mjs';
import { EarlyAnswers } from './early_answers.mjs';
import { adoptScheme, EarlyMap } from './early_map.mjs';

/** @typedef {{answers: EarlyAnswers, map: EarlyMap}} Early what the page takes over */

/** @returns {Early} begun with what the document already tells */
export function beginEarly() {
  /** @type {Record<string, Record<string, any>> | null} by component and property */
  const told = JSON.parse(document.getElementById('opening')?.textContent ?? 'null');
  const [collection, spec] = [COMPONENT.collection, COMPONENT.map].map((store) => told?.[store]?.data ?? null);
  const answers = new EarlyAnswers((url, init) => fetch(url, init), location.search, { collection, map: spec });
  adoptScheme();
  const map = new EarlyMap(spec, told?.[COMPONENT.dotSize]?.value);
  void map.paint((url) => answers.fetch(url));
  return { answers, map };
}
