/** Confused classes, the fullest cells first: a bounded table, and all pairs. Knows no document. */

export const MOST_CLASSES = 20;

/** @typedef {{given: string, neighborhood: string, count: number, ids: string[]}} Cell */

/**
 * @typedef {object} ConfusionTable
 * @property {string[]} rows given classes
 * @property {string[]} columns classes of the neighborhood
 * @property {Map<string, Cell>} cells of the table, by `cellKey`
 * @property {Cell[]} pairs all cells that fit the search
 * @property {number} highest count of the fullest cell
 * @property {number} nPoints in all cells that fit the search
 * @property {number} nHidden points of cells that the table has no room for
 */

/** @param {string} given @param {string} neighborhood */
export const cellKey = (given, neighborhood) => JSON.stringify([given, neighborhood]);

/**
 * @param {Cell[]} cells fullest first
 * @param {{query?: string, mostClasses?: number}} options a text that one of both names has
 * @returns {ConfusionTable}
 */
export function tabulate(cells, { query = '', mostClasses = MOST_CLASSES } = {}) {
  const wanted = query.trim().toLowerCase();
  const confused = cells.filter(({ given, neighborhood }) => (
    given !== neighborhood && `${given}\n${neighborhood}`.toLowerCase().includes(wanted)));
  /** @type {ConfusionTable} */
  const table = { rows: [], columns: [], cells: new Map(), pairs: confused, highest: confused[0]?.count ?? 0, nPoints: 0, nHidden: 0 };
  const [rows, columns] = [new Set(), new Set()];
  const takes = (/** @type {Set<string>} */ names, /** @type {string} */ name) => names.has(name) || names.size < mostClasses;
  for (const cell of confused) {
    table.nPoints += cell.count;
    if (takes(rows, cell.given) && takes(columns, cell.neighborhood)) {
      rows.add(cell.given);
      columns.add(cell.neighborhood);
      table.cells.set(cellKey(cell.given, cell.neighborhood), cell);
    } else {
      table.nHidden += cell.count;
    }
  }
  const byName = new Intl.Collator('en', { numeric: true }).compare;
  table.rows = [...rows].sort(byName);
  table.columns = [...columns].sort(byName);
  return table;
}
