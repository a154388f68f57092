/** Which points a drawn outline encloses. */

/**
 * @param {[number, number][]} polygon corners in the unit square; closed by itself
 * @param {number} x
 * @param {number} y
 * @returns {boolean} whether (x, y) is inside, by the even-odd rule
 */
export function contains(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i];
    const [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * Cells that the outline may cross: those it is stepped through, with their neighbors.
 * @param {import('./grid_index.mjs').GridIndex} index
 * @param {[number, number][]} polygon
 */
function cellsOnOutline(index, polygon) {
  const cells = new Set();
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [x1, y1] = polygon[j];
    const [x2, y2] = polygon[i];
    const steps = Math.ceil(2 * index.side * Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1))) + 1;
    for (let step = 0; step <= steps; step++) {
      const column = Math.floor((x1 + ((x2 - x1) * step) / steps) * index.side);
      const line = Math.floor((y1 + ((y2 - y1) * step) / steps) * index.side);
      for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) cells.add(index.cellAt(column + dx, line + dy));
    }
  }
  return cells;
}

/**
 * Only points in cells that the outline crosses are tested one by one; any other cell lies wholly on one side of it.
 * @param {import('./grid_index.mjs').GridIndex} index
 * @param {[number, number][]} polygon corners in the unit square
 * @param {(row: number) => boolean} accepts
 * @returns {number[]} accepted rows inside
 */
export function rowsInside(index, polygon, accepts) {
  const outline = cellsOnOutline(index, polygon);
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const bounds = { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) };
  /** @type {number[]} */
  const rows = [];
  let last = { cell: -1, x: 0, isInside: false }; // last cell that the outline does not cross
  index.forEachCell(bounds, (cell, x, y) => {
    const isCrossed = outline.has(cell);
    if (!isCrossed) {
      const isNext = cell === last.cell + 1 && x > last.x; // on the same side, as there is no outline between them
      last = { cell, x, isInside: isNext ? last.isInside : contains(polygon, x, y) };
      if (!last.isInside) return;
    }
    index.forEachInCell(cell, (row) => {
      if ((!isCrossed || contains(polygon, ...index.columns.position(row))) && accepts(row)) rows.push(row);
    });
  });
  return rows;
}
