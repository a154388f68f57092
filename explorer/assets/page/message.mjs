/** A line about what was just done, for a while. It has room of its own at the foot of what is in view, and covers no control. */

import { span, within } from './elements.mjs';
import { Fading } from './fading.mjs';

const SHOWN_MS = 12_000;
/** What is below it may change while it is shown. */
const LOOK_MS = 100;
const FEET = '.views-foot, .bulk-bar, .review-verdicts';

export class Message {
  /** @param {HTMLElement} element as `explorer/panels/reviews.py` lays it out */
  constructor(element) {
    this.element = element;
    this.fading = new Fading(element, SHOWN_MS, () => this.#clear());
    this.page = within(document, '.page');
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.look = undefined;
  }

  /** @param {string} text @param {HTMLElement | null} button that goes with it */
  say(text, button = null) {
    const close = document.createElement('button');
    Object.assign(close, { className: 'quiet', textContent: '✕', title: 'Close', ariaLabel: 'Close the message' });
    close.addEventListener('click', () => this.fading.stop());
    const line = document.createElement('div');
    line.className = 'verdict-text';
    line.append(span('', text), ...(button ? [button] : []), close);
    this.element.replaceChildren(line);
    this.page.classList.add('has-message');
    clearInterval(this.look);
    this.look = setInterval(() => this.#makeRoom(), LOOK_MS);
    this.#makeRoom();
    this.fading.start();
  }

  #clear() {
    clearInterval(this.look);
    this.element.replaceChildren();
    this.page.classList.remove('has-message');
  }

  /** Lists end above the line, and what judges them stays where it is, below the line. */
  #makeRoom() {
    const foot = [...(this.#list?.querySelectorAll(FEET) ?? [])].find((one) => one.checkVisibility());
    this.page.style.setProperty('--foot-height', `${foot?.getBoundingClientRect().height ?? 0}px`);
    this.page.style.setProperty('--message-height', `${this.element.getBoundingClientRect().height}px`);
  }

  /** @returns {Element | null} the list that the line lies over, if not the map */
  get #list() {
    const { classList, dataset } = this.page;
    const isNarrow = matchMedia('(max-width: 600px)').matches;
    const isDock = isNarrow ? dataset.phone === 'lists' : matchMedia('(min-width: 901px)').matches && classList.contains('has-full-dock');
    return document.querySelector(isDock ? '.dock' : '.page.has-view .views-host');
  }
}
