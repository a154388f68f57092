/** The tools of the map's bar: those that save a file, and those of the map itself. */

import { pictureName } from './coloring/map_picture.mjs';
import { saveFile } from './save_file.mjs';

/** @typedef {Pick<import('./page.mjs').Page, 'mapPanel' | 'secondMap' | 'selection' | 'facts'>} PageOfTools */

/** @param {string} tool one of those that `explorer/panels/map_view.py` lays out @param {PageOfTools} page */
export function useTool(tool, { mapPanel, secondMap, selection, facts }) {
  if (!mapPanel) return;
  const title = facts.state.display_name || facts.state.name;
  const save = (/** @type {string} */ name, /** @type {Promise<Blob>} */ content) => void saveFile(name, content, (text) => mapPanel.say(text));
  if (tool === 'png') save(pictureName(title), mapPanel.toPng(title));
  else if (tool === 'second-png' && secondMap.map) save(pictureName(`${title} second`), mapPanel.toPng(title, secondMap.map));
  else if (tool === 'csv' && selection) save('selection.csv', selection.toCsv());
  else mapPanel.use(tool);
}
