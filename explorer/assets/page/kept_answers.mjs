/** Answers to requests that are sure to come, asked for before they do. Knows no document. */

/** @typedef {import('./server.mjs').Send} Send */

export class KeptAnswers {
  /** @param {Send} send `fetch` */
  constructor(send) {
    this.send = send;
    /** @type {Map<string, Promise<Response>>} by request */
    this.answers = new Map();
  }

  /**
   * Asks now for what will be asked for.
   * @param {string} url
   * @param {RequestInit} [init] with a body of text, if any
   * @returns {Promise<Response>} the answer; read a clone of it, because somebody else takes it
   */
  keep(url, init) {
    const answer = this.send(url, init);
    answer.catch(() => {}); // `take` asks again
    this.answers.set(nameOf(url, init), answer);
    return answer;
  }

  /**
   * @param {string} url
   * @param {RequestInit} [init]
   * @returns {Promise<Response> | null} what was asked for before, or a new answer if that one was a refusal; null if
   *   nothing was asked for, or if it was taken already
   */
  take(url, init) {
    const name = nameOf(url, init);
    const kept = this.answers.get(name);
    this.answers.delete(name);
    const askAgain = () => this.send(url, init);
    return kept?.then((answer) => (answer.ok ? answer : askAgain()), askAgain) ?? null;
  }

  /** What was asked for may be answered otherwise by now. */
  forget() {
    this.answers.clear();
  }

  /** @type {Send} an answer that is there or on its way serves the first one who asks for it */
  fetch = async (url, init) => this.take(url, init) ?? this.send(url, init);
}

/** @param {string} url @param {RequestInit} [init] */
function nameOf(url, init) {
  return [init?.method ?? 'GET', url, init?.body ?? ''].join(' ');
}
