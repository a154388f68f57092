/** The linter of the page's scripts. Types are checked by `tsc`, so that rules about them are left to it. */

import js from '@eslint/js';
import globals from 'globals';

/** Outside of the page a document is nothing: what is pure is tested without one. */
const NO_DOCUMENT = {
  'no-restricted-globals': ['error', { name: 'document', message: 'this module touches no document' }],
  'no-restricted-syntax': ['error', {
    selector: 'MemberExpression[property.name=/^(document|ownerDocument)$/]', message: 'this module touches no document',
  }],
};

/** Stores and what they are made of; the other modules beside them are views. */
const PURE_WORKLISTS = [
  'card_worklist', 'collection_api', 'confusion_table', 'duplicate_groups', 'examples', 'export_table', 'judged', 'names', 'review_log', 'store',
  'suspect_worklist', 'write_back',
].join(',');

export default [
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    rules: {
      'array-callback-return': 'error',
      complexity: ['error', 10],
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'max-depth': ['error', 4],
      'max-lines': ['error', 400],
      'max-params': ['error', 6],
      'no-console': 'error',
      'no-eval': 'error',
      'no-implicit-globals': 'error',
      'no-self-compare': 'error',
      'no-shadow': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-use-before-define': ['error', { functions: false }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'prefer-template': 'error',
    },
  },
  { files: ['explorer/assets/**'], languageOptions: { globals: globals.browser } },
  { files: ['explorer/assets/*.js'], languageOptions: { sourceType: 'script' } },
  {
    files: ['explorer/assets/map/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['**/page/**'], message: 'the map knows no page' }] }] },
  },
  { files: ['explorer/assets/map/**'], ignores: ['**/renderer.mjs'], rules: NO_DOCUMENT },
  {
    // Pure: what they need of the browser, they are given.
    files: ['explorer/assets/page/{review_queue,dock_state,early_answers,kept_answers,tab_counts}.mjs', `explorer/assets/page/worklists/{${PURE_WORKLISTS}}.mjs`],
    languageOptions: { globals: { ...Object.fromEntries(Object.keys(globals.browser).map((name) => [name, 'off'])), URLSearchParams: 'readonly' } },
    rules: NO_DOCUMENT,
  },
  { files: ['tests/scripts/**'], languageOptions: { globals: globals.nodeBuiltin } },
];
