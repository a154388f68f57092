/** The map as a picture that the server draws, for browsers without WebGL2. A click selects the nearest point. */

import { streamMap } from '../map/block_stream.mjs';
import { DELETED_CLASS, PointColumns } from '../map/columns.mjs';
import { GridIndex } from '../map/grid_index.mjs';
import { countText } from './worklists/names.mjs';

const SIZE_PX = 1200;
/** Colours that can be told apart; the classes come with the most frequent first. */
const MOST_COLORS = 64;
/** A click farther away than this selects nothing; in units of the picture's side. */
const PICK_RADIUS = 0.03;

export class FlatMap {
  /**
   * @param {HTMLElement} host
   * @param {(row: number) => void} choose called with the row of the nearest point, -1 for none
   * @param {(text: string) => void} say
   */
  constructor(host, choose, say) {
    this.host = host;
    host.closest('.page')?.classList.add('is-flat');
    this.choose = choose;
    this.say = say;
    /** @type {import('./map_panel.mjs').MapSpec | null} */
    this.spec = null;
    /** @type {Promise<GridIndex> | null} places of the points; read at the first click */
    this.index = null;
  }

  /** @param {import('./map_panel.mjs').MapSpec | null} spec */
  show(spec) {
    this.spec = spec;
    this.index = null;
    this.host.replaceChildren();
    if (!spec) return;
    const picture = new Image();
    picture.className = 'flat-map';
    picture.alt = `Picture of the map, coloured by class: ${countText(spec.classNames.length, 'class', 'classes')}. A click selects the nearest point.`;
    const colors = spec.colors.slice(0, MOST_COLORS).map((color) => color.slice(1)).join(',');
    picture.src = `${spec.densityUrl}?size=${SIZE_PX}&colors=${colors}`;
    picture.addEventListener('error', () => this.say('The picture of the map could not be loaded; reload the page.'));
    picture.addEventListener('click', (event) => this.#click(event, picture));
    this.host.append(picture);
    this.say('This browser draws no interactive map: it has no WebGL2. The server drew this picture; click a place to see the point there.');
  }

  /** @param {MouseEvent} event @param {HTMLImageElement} picture */
  async #click(event, picture) {
    const { spec } = this;
    if (!spec) return;
    const [x, y] = placeInSquare(event, picture.getBoundingClientRect());
    try {
      this.index ??= readPlaces(spec.url);
      const index = await this.index;
      if (this.spec !== spec) return;
      this.choose(index.nearest(x, y, PICK_RADIUS, (row) => index.columns.classIndex[row] !== DELETED_CLASS));
    } catch {
      this.index = null;
      this.say('The places of the points could not be loaded; click again.');
    }
  }
}

/**
 * @param {{clientX: number, clientY: number}} event
 * @param {{left: number, top: number, width: number, height: number}} box in which a square is centred
 * @returns {[number, number]} place in that square, 0 to 1, y up
 */
export function placeInSquare({ clientX, clientY }, { left, top, width, height }) {
  const side = Math.min(width, height);
  return [(clientX - left - (width - side) / 2) / side, 1 - (clientY - top - (height - side) / 2) / side];
}

/** @param {string} url of the binary map @returns {Promise<GridIndex>} */
async function readPlaces(url) {
  let columns = new PointColumns(0);
  await streamMap(url, {
    onHeader: ({ nPoints }) => { columns = new PointColumns(nPoints); },
    onBlock: (block) => { columns.append(block); },
  });
  return new GridIndex(columns);
}
