/** The tools of the map's bar: those that save a file, and those of the map itself. */

import { pictureName } from './coloring/map_picture.mjs';
import { saveFile } from './save_file.mjs';
import { tableText } from './worklists/export_table.mjs';

/** @typedef {Pick<import('./page.mjs').Page, 'mapPanel' | 'secondMap' | 'selection' | 'facts' | 'views'>} PageOfTools */

/** @param {string} tool one of those that `explorer/panels/map_view.py` lays out @param {PageOfTools} page */
export function useTool(tool, { mapPanel, secondMap, selection, facts, views }) {
  if (!mapPanel) return;
  const title = facts.state.display_name || facts.state.name;
  const save = (/** @type {string} */ name, /** @type {Promise<Blob>} */ content) => void saveFile(name, content, (text) => mapPanel.say(text));
  if (tool === 'png') save(pictureName(title), mapPanel.toPng(title));
  else if (tool === 'second-png' && secondMap.map) save(pictureName(`${title} second`), mapPanel.toPng(title, secondMap.map));
  else if (tool === 'csv' && selection && views.selecting.tools) save('selection.csv', tableOf(selection, views.selecting.tools));
  else mapPanel.use(tool);
}

/**
 * @param {import('./selection.mjs').SelectionPanel} selection
 * @param {import('./worklists/card_worklist.mjs').Tools} tools
 * @returns {Promise<Blob>} the selected points with the classes that people accepted @throws {Error} if the api refuses
 */
async function tableOf(selection, tools) {
  return new Blob([await tableText(tools, await selection.readPoints())], { type: 'text/csv' });
}
