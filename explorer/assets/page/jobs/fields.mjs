/** Fields of the forms: a label, a control, and a line of help that screen readers hear with it. */

import { h } from '../worklists/react.mjs';

/**
 * @param {{
 *   label: string, value: string, change: (value: string) => void, help?: string, id: string, placeholder?: string,
 *   options?: string[], inputMode?: string, disabled?: boolean, note?: string, onBlur?: () => void,
 * }} props `options` are offered while one types; `note` stands beside the label, so that it moves nothing
 */
export function TextField({ label, value, change, help, id, options, note, ...others }) {
  const name = h('label', { htmlFor: id }, label);
  return h('div', { className: 'field' },
    note === undefined ? name : h('div', { className: 'field-head' }, name, h('span', { role: 'status', className: 'dim' }, note)),
    h('input', {
      id, value, title: value, spellCheck: false, autoComplete: 'off', 'aria-describedby': help ? `${id}-help` : undefined, list: options ? `${id}-list` : undefined,
      onChange: (/** @type {any} */ event) => change(event.target.value), ...others,
    }),
    options && h('datalist', { id: `${id}-list` }, options.map((option) => h('option', { key: option, value: option }))),
    help && h('p', { id: `${id}-help`, className: 'dim' }, help));
}

/** @param {{label: string, value: string, change: (value: string) => void, help?: string, id: string, options: [string, string][]}} props values with words */
export function ChoiceField({ label, value, change, help, id, options }) {
  return h('div', { className: 'field' },
    h('label', { htmlFor: id }, label),
    h('select', { id, value, 'aria-describedby': help ? `${id}-help` : undefined, onChange: (/** @type {any} */ event) => change(event.target.value) },
      options.map(([option, words]) => h('option', { key: option, value: option }, words))),
    help && h('p', { id: `${id}-help`, className: 'dim' }, help));
}

/** @param {{label: string, isOn: boolean, change: (isOn: boolean) => void}} props */
export function CheckField({ label, isOn, change }) {
  return h('label', { className: 'check' },
    h('input', { type: 'checkbox', checked: isOn, onChange: (/** @type {any} */ event) => change(event.target.checked) }), label);
}

/**
 * The button that sends a form. While the form is busy it does nothing and keeps the keyboard's focus, which a disabled one loses.
 * @param {{isBusy: boolean, children?: any}} props
 */
export function Submit({ isBusy, children }) {
  return h('button', { type: 'submit', className: 'act is-main', 'aria-disabled': isBusy }, children);
}
