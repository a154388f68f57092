/** What an overlay draws of a map. */

/** @param {import('./point_map.mjs').PointMap} map @returns {Parameters<import('./overlay.mjs').Overlay['draw']>[0]} */
export function sceneOf(map) {
  const { columns, paint, layers, renderer, nameLabels, camera } = map;
  return {
    pixelRatio: renderer.pixelRatio,
    positionOf: (row) => columns.position(row),
    colorOf: (row) => paint.colorOf(row),
    contours: layers.lines(),
    crops: layers.crops,
    selected: map.selected,
    neighbors: map.neighbors,
    hovered: map.hovered,
    emphasized: map.emphasized,
    ping: map.ping,
    outline: map.interaction?.outline ?? [],
    crosshair: map.canvas.matches(':focus-visible'),
    dotSizePx: renderer.dotSizePx,
    names: (measure) => nameLabels.place(camera, paint.namesShown(map.visible), measure),
  };
}
