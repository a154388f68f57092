/** What dots are coloured by: their class, another category, or a number along a ramp. Told to the renderer. */

import { DELETED_CLASS, NO_SCORE } from './columns.mjs';
import { RAMP_PLACES } from './palette.mjs';
import { topRows } from './top_rows.mjs';

/** @typedef {import('./shaders.mjs').PaintMode} PaintMode */

export class Paint {
  /**
   * @param {import('./renderer.mjs').PointRenderer} renderer
   * @param {() => import('./columns.mjs').PointColumns} columns
   */
  constructor(renderer, columns) {
    this.renderer = renderer;
    this.columns = columns;
    /** Name of the column that is shown. */
    this.name = 'class';
    /** @type {PaintMode} */
    this.mode = 'class';
    /** @type {string[]} */
    this.classColors = [];
    /** @type {string[]} of the categories that are shown */
    this.categoryColors = [];
    /** @type {{stops: string[], noneColor: string}} */
    this.ramp = { stops: ['#000000', '#000000'], noneColor: '#000000' };
  }

  /** @param {string[]} colors one "#rrggbb" per class @param {Uint8Array} visible one per class, 0 makes it recede */
  setClasses(colors, visible) {
    this.classColors = colors;
    this.renderer.setClasses(colors, visible);
  }

  /** @param {string[]} stops colours from the lower end to the upper @param {string} noneColor without a value */
  setRamp(stops, noneColor) {
    this.ramp = { stops, noneColor };
    this.renderer.setRamp(stops, noneColor, RAMP_PLACES[this.name] ?? RAMP_PLACES.score);
  }

  byClass() {
    this.#show('class', 'class');
  }

  /** @param {string} name of `RAMP_PLACES` @param {Uint8Array} bytes one per row */
  byNumber(name, bytes) {
    this.columns().value.set(bytes);
    this.renderer.changed('value');
    this.#show(name, 'number');
    this.setRamp(this.ramp.stops, this.ramp.noneColor);
  }

  /** @param {string} name @param {Uint16Array} numbers one per row @param {string[]} colors one per category */
  byCategory(name, numbers, colors) {
    this.columns().category.set(numbers);
    this.renderer.changed('category');
    this.categoryColors = colors;
    this.renderer.setCategories(colors);
    this.#show(name, 'category');
  }

  /** @param {string} name @param {PaintMode} mode */
  #show(name, mode) {
    this.name = name;
    this.mode = mode;
    this.renderer.setMode(mode);
    this.lift();
  }

  /** Paints as another map does, whose columns are these too. @param {Paint} other */
  follow({ name, mode, ramp, categoryColors }) {
    if (categoryColors !== this.categoryColors) this.renderer.setCategories(categoryColors);
    const hasOtherRamp = ramp !== this.ramp || name !== this.name;
    if (mode !== this.mode) this.renderer.setMode(mode);
    Object.assign(this, { name, mode, categoryColors });
    if (hasOtherRamp) this.setRamp(ramp.stops, ramp.noneColor);
    this.ramp = ramp;
  }

  /** Draws last what deserves a look: the upper end of the number that is shown, else the suspects. */
  lift() {
    const { value, score } = this.columns();
    const isNumber = this.mode === 'number';
    const rows = topRows(isNumber ? value : score, RAMP_PLACES[isNumber ? this.name : 'score']);
    this.renderer.setTop(rows);
  }

  /** @param {Uint8Array} visible one per class @returns {Uint8Array} one per name, 0 gets none: names of classes go with their dots */
  namesShown(visible) {
    return this.mode === 'category' ? new Uint8Array(0) : visible;
  }

  /** @param {number} row @returns {string} colour in which the row is painted */
  colorOf(row) {
    const { classIndex, category, value } = this.columns();
    if (this.mode === 'class') return this.classColors[classIndex[row]];
    if (this.mode === 'category') return category[row] === DELETED_CLASS ? this.ramp.noneColor : this.categoryColors[category[row]];
    if (value[row] === NO_SCORE) return this.ramp.noneColor;
    const place = RAMP_PLACES[this.name](value[row] / (NO_SCORE - 1));
    return this.ramp.stops[Math.round(place * (this.ramp.stops.length - 1))];
  }
}
