/** The map with its legend as one picture, for reports. */

import { partsOf, wordsAmong } from '../../map/short_names.mjs';
import { COLORINGS } from './coloring.mjs';

const LEGEND_PX = 250;
const LINE_PX = 20;
/** Between the two lines of a name. */
const SECOND_LINE_PX = 15;
const EDGE_PX = 16;
/** Letters of a name. */
const LONGEST_NAME = 26;
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/**
 * @typedef {object} PictureLegend
 * @property {string} title name of the collection
 * @property {string} subtitle
 * @property {import('./coloring.mjs').ColoringState} coloring
 * @property {import('./coloring.mjs').Entry[]} entries categories that dots are coloured by, most frequent first
 * @property {string[]} classes of the map
 * @property {{ink: string, paper: string, dim: string}} theme
 */

/**
 * @param {HTMLCanvasElement} map as it is on the screen
 * @param {number} ratio its pixels per CSS pixel
 * @param {PictureLegend} legend
 * @returns {Promise<Blob>} PNG
 * @throws {Error} if the browser cannot make a picture of that size
 */
export function drawPicture(map, ratio, legend) {
  const picture = document.createElement('canvas');
  picture.width = map.width + LEGEND_PX * ratio;
  picture.height = map.height;
  const context = picture.getContext('2d');
  if (context) {
    context.fillStyle = legend.theme.paper;
    context.fillRect(0, 0, picture.width, picture.height);
    context.drawImage(map, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, map.width, 0);
    drawLegend(context, map.height / ratio, legend);
  }
  return new Promise((resolve, reject) => {
    picture.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('The picture could not be made; a smaller window may help.'));
    }, 'image/png');
  });
}

/** @param {string} name of a collection @returns {string} of a file */
export function pictureName(name) {
  const plain = name.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|-+$/g, '').slice(0, 80);
  return `${plain || 'map'}-map.png`;
}

/**
 * @param {CanvasRenderingContext2D} context its origin is the legend's corner
 * @param {number} height
 * @param {PictureLegend} legend
 */
function drawLegend(context, height, { title, subtitle, coloring, entries, classes, theme }) {
  const write = (/** @type {string} */ text, /** @type {number} */ y, /** @type {string} */ font, color = theme.ink, x = EDGE_PX, room = LEGEND_PX - EDGE_PX - x) => {
    context.font = `${font} ${FONT}`;
    context.fillStyle = color;
    context.fillText(fitted(context, text, room), x, y);
  };
  context.textBaseline = 'middle';
  write(title, 24, '600 15px');
  write(subtitle, 46, '12px', theme.dim);
  write(COLORINGS[coloring.name].noun, 76, '600 13px');
  if (coloring.gradient.length > 0) drawRamp(context, coloring, write, theme);
  else drawEntries(context, height, linesOf(coloring.name, entries, classes), write, theme);
}

/** @typedef {import('./coloring.mjs').Entry & {lines: string[]}} EntryLines an entry and how its name is written */

/**
 * @param {string} coloring key of `COLORINGS`
 * @param {import('./coloring.mjs').Entry[]} entries
 * @param {string[]} classes of the map
 * @returns {EntryLines[]} the name of a cluster of two classes has a line for each
 */
export function linesOf(coloring, entries, classes) {
  if (coloring !== 'cluster') {
    const words = wordsAmong(entries.map(({ name }) => name), LONGEST_NAME);
    return entries.map((entry) => ({ ...entry, lines: [words.get(entry.name) ?? entry.name] }));
  }
  const words = wordsAmong(classes, LONGEST_NAME);
  return entries.map((entry) => {
    const { parts, number } = partsOf(entry.name, classes) ?? { parts: [entry.name], number: '' };
    return { ...entry, lines: parts.map((one, place) => (words.get(one) ?? one) + (place < parts.length - 1 ? ' /' : number)) };
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import('./coloring.mjs').ColoringState} coloring
 * @param {(text: string, y: number, font: string, color?: string, x?: number) => void} write
 * @param {PictureLegend['theme']} theme
 */
function drawRamp(context, { gradient, lower, upper, note }, write, theme) {
  const width = LEGEND_PX - 2 * EDGE_PX;
  const fill = context.createLinearGradient(EDGE_PX, 0, EDGE_PX + width, 0);
  gradient.forEach((color, stop) => fill.addColorStop(stop / (gradient.length - 1), color));
  context.fillStyle = fill;
  context.fillRect(EDGE_PX, 92, width, 10);
  write(`from ${lower}`, 116, '12px', theme.dim);
  write(`to ${upper}`, 134, '12px', theme.dim);
  write(note, 156, '12px', theme.dim);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} height
 * @param {EntryLines[]} entries
 * @param {(text: string, y: number, font: string, color?: string, x?: number, room?: number) => void} write
 * @param {PictureLegend['theme']} theme
 */
function drawEntries(context, height, entries, write, theme) {
  const shown = entries.slice(0, nFitting(entries, height - 110));
  let y = 100;
  for (const { lines, color, count } of shown) {
    context.fillStyle = color;
    context.fillRect(EDGE_PX, y - 5, 10, 10);
    context.textAlign = 'right';
    write(count.toLocaleString('en'), y, '12px', theme.dim, LEGEND_PX - EDGE_PX, 70);
    context.textAlign = 'left';
    lines.forEach((text, line) => write(text, y + line * SECOND_LINE_PX, '12px', theme.ink, EDGE_PX + 18, LEGEND_PX - 2 * EDGE_PX - 18 - 60));
    y += heightOf(lines);
  }
  if (shown.length < entries.length) write(`and ${(entries.length - shown.length).toLocaleString('en')} more`, y, '12px', theme.dim);
}

/** @param {string[]} lines of an entry */
function heightOf(lines) {
  return LINE_PX + (lines.length - 1) * SECOND_LINE_PX;
}

/** @param {EntryLines[]} entries @param {number} height @returns {number} how many are shown, so that a line remains to say that there are more */
function nFitting(entries, height) {
  let bottom = 0;
  const bottoms = entries.map(({ lines }) => { bottom += heightOf(lines); return bottom; });
  if (bottom <= height) return entries.length;
  return bottoms.filter((one) => one <= height - LINE_PX).length;
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} room @returns {string} without its middle if it is too long */
function fitted(context, text, room) {
  let kept = text.length;
  let shown = text;
  while (kept > 4 && context.measureText(shown).width > room) {
    kept -= 1;
    shown = `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`;
  }
  return shown;
}
