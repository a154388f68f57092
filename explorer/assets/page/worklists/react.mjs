/** React as Dash has loaded it, so that a view needs no build step. Components are functions; `h` makes elements. */

/**
 * @typedef {object} ReactApi the part of React that is used here
 * @property {(type: any, props?: object | null, ...children: any[]) => any} createElement
 * @property {<Value>(subscribe: (listener: () => void) => () => void, snapshot: () => Value) => Value} useSyncExternalStore
 * @property {<Value>(first: Value) => [Value, (value: Value) => void]} useState
 * @property {(effect: () => void, dependencies: any[]) => void} useEffect
 * @property {<Value>(first: Value) => {current: Value}} useRef
 * @property {<Value>(make: () => Value, dependencies: any[]) => Value} useMemo
 * @property {<Props>(component: (props: Props) => any) => (props: Props) => any} memo
 */

/**
 * @typedef {object} ReactDomApi
 * @property {(host: Element) => {render: (element: any) => void}} createRoot
 * @property {(element: any, host: Element) => any} createPortal
 * @property {(render: () => void) => void} flushSync
 */

const { React, ReactDOM } = /** @type {{React: ReactApi, ReactDOM: ReactDomApi}} */ (/** @type {unknown} */ (window));

export const { createElement: h, memo, useEffect, useMemo, useRef, useState } = React;
export const { createPortal, createRoot, flushSync } = ReactDOM;

/**
 * @template State
 * @param {import('./store.mjs').Store<State>} store
 * @returns {State} what it holds now; the component is drawn again whenever that changes
 */
export function useStore(store) {
  return React.useSyncExternalStore(store.subscribe, store.snapshot);
}
