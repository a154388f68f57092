/** What lasts until it is over: verdicts that wait for the server, and verdicts that were refused, in words. */

import { span } from './elements.mjs';
import { countWords } from './review_words.mjs';

/** @typedef {import('./review_sender.mjs').Trouble} Trouble */

const SECOND_MS = 1000;
const SHOWN_REFUSALS = 3;

/** @param {string} text @param {() => void} act */
function button(text, act) {
  const element = document.createElement('button');
  element.className = 'quiet';
  element.textContent = text;
  element.addEventListener('click', act);
  return element;
}

/** The page begins below it. @param {number} heightPx */
function makeRoom(heightPx) {
  document.documentElement.style.setProperty('--bar-height', `${heightPx}px`);
}

export class ReviewBar {
  /**
   * @param {HTMLElement} element as `explorer/panels/reviews.py` lays it out
   * @param {object} page
   * @param {() => void} page.retry sends again at once
   * @param {(id: string) => void} page.show looks at a point
   */
  constructor(element, { retry, show }) {
    this.element = element;
    this.show = show;
    this.nWaiting = 0;
    /** @type {Trouble} */
    this.trouble = null;
    this.retryAtMs = 0;
    this.words = span('', '');
    this.countdown = span('dim', '');
    this.countdown.ariaHidden = 'true'; // a screen reader is told what changes, not every second
    this.line = document.createElement('div');
    this.line.className = 'review-line is-error';
    this.line.setAttribute('role', 'status');
    this.line.append(this.words, this.countdown, button('Try now', retry));
    this.refusals = document.createElement('div');
    /** @type {Map<string, HTMLElement>} by collection */
    this.asideLines = new Map();
    element.append(this.line, this.refusals);
    new ResizeObserver(() => makeRoom(element.offsetHeight)).observe(element);
    this.#draw();
    setInterval(() => this.#count(), SECOND_MS);
  }

  /** @param {number} nWaiting verdicts without an answer */
  wait(nWaiting) {
    this.nWaiting = nWaiting;
    this.#draw();
  }

  /** Verdicts are for another server; a line is about all of a collection. @param {string} collection @param {string} words @param {() => void} discard gives them up */
  tellAside(collection, words, discard) {
    const line = document.createElement('div');
    this.asideLines.get(collection)?.remove();
    this.asideLines.set(collection, line);
    line.className = 'review-line is-error';
    line.setAttribute('role', 'alert');
    const giveUp = button('Discard', () => { discard(); line.remove(); });
    line.append(span('', words), giveUp, button('Close', () => line.remove()));
    this.refusals.append(line);
  }

  /** @param {Set<string>} collections whose verdicts are for another server still */
  keepAside(collections) {
    for (const [collection, line] of this.asideLines) if (!collections.has(collection)) line.remove();
  }

  /** @param {Trouble} trouble null when it is over */
  tell(trouble) {
    this.trouble = trouble;
    this.retryAtMs = Date.now() + (trouble?.retryInMs ?? 0);
    this.#draw();
  }

  /** @param {string} words @param {string | null} id of the point */
  refuse(words, id) {
    const line = document.createElement('div');
    line.className = 'review-line is-error';
    line.setAttribute('role', 'alert');
    line.append(span('', `Not recorded: ${words.replace(`point '${id}'`, 'this point')}`));
    if (id !== null) line.append(button('Show it', () => this.show(id)));
    line.append(button('Close', () => line.remove()));
    this.refusals.append(line);
    while (this.refusals.children.length > SHOWN_REFUSALS) this.refusals.firstElementChild?.remove();
  }

  #draw() {
    this.line.hidden = this.trouble === null || this.nWaiting === 0;
    const words = `${this.trouble?.why ?? ''}, ${countWords(this.nWaiting)} waiting.`;
    if (this.words.textContent !== words) this.words.textContent = words;
    this.#count();
  }

  #count() {
    const seconds = Math.ceil((this.retryAtMs - Date.now()) / SECOND_MS);
    this.countdown.textContent = seconds > 0 ? `Next try in ${seconds} s` : 'Trying …';
  }
}
