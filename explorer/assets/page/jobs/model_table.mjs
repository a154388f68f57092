/** The models to choose from: size, length of embeddings, whether the weights are here, and what is indexed already. */

import { breakable } from '../cards.mjs';
import { countText } from '../worklists/names.mjs';
import { h } from '../worklists/react.mjs';
import { TextField } from './fields.mjs';
import { embedderOf, modelOf } from './index_order.mjs';

/**
 * @typedef {object} Model `ModelInfo` of `lookalike/wire/catalogue.py`
 * @property {string} name
 * @property {number} dimension
 * @property {number} size_mb
 * @property {string} purpose
 * @property {boolean} has_text_tower
 * @property {boolean} is_available
 */

/** @typedef {import('./index_order.mjs').KnownCollection} KnownCollection */

/** @param {{known: {models: Model[], collections: KnownCollection[]}, model: string, choose: (model: string) => void}} props */
export function ModelTable({ known, model, choose }) {
  const { models, collections } = known;
  const isListed = models.some(({ name }) => modelOf(name) === model);
  const row = (/** @type {Model} */ one) => h(ModelRow, { key: one.name, one, collections, isChosen: modelOf(one.name) === model, choose });
  return h('fieldset', null, h('legend', null, 'Model'),
    h('div', { className: 'models', tabIndex: 0, role: 'group', 'aria-label': 'Models' },
      h('table', null,
        h('thead', null, h('tr', null, ['Model', 'Size', 'Dimensions', 'Weights', 'Already indexed'].map((title) => h('th', { key: title, scope: 'col' }, title)))),
        h('tbody', null, models.map(row)))),
    h(TextField, {
      id: 'index-model', label: 'Or another model', value: isListed ? '' : model, change: choose, placeholder: 'timm name, or hf:NAME',
      help: isListed ? 'Any image model of timm or of Hugging Face.' : indexedText(model, collections) || 'Its weights are loaded from the hub, if they are not here.',
    }));
}

/** @param {{one: Model, collections: KnownCollection[], isChosen: boolean, choose: (model: string) => void}} props */
function ModelRow({ one, collections, isChosen, choose }) {
  const id = `model-${one.name}`;
  const indexed = indexedText(one.name, collections);
  return h('tr', { className: isChosen ? 'is-chosen' : '' },
    h('th', { scope: 'row' },
      h('label', { className: 'radio' },
        h('input', { id, type: 'radio', name: 'index-model-choice', checked: isChosen, onChange: () => choose(modelOf(one.name)) }),
        h('span', null, h('span', { className: 'model-name' }, breakable(one.name.replace(/^timm:|^hf:/, ''))), h('span', { className: 'dim' }, one.purpose)))),
    h('td', null, `${one.size_mb} MB`),
    h('td', { className: 'model-dimension' }, one.dimension.toLocaleString('en')),
    h('td', null, one.is_available ? 'here' : 'to download'),
    indexed ? h('td', { className: 'model-indexed' }, indexed) : h('td', { className: 'is-absent' }, '–'));
}

/** @param {string} model @param {KnownCollection[]} collections @returns {string} what is indexed with it already */
function indexedText(model, collections) {
  const embedder = embedderOf(model);
  return collections.filter((one) => one.embedder === embedder).map(({ name, n_points: n }) => `${name} (${countText(n, 'point')})`).join(', ');
}
