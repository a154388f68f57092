/**
 * Carries orders out at the api, and tries again until there is an answer: after a while that grows, or when it is told
 * to. The key of an order has the api carry it out once, however often it is sent. Knows no document.
 */

/** @typedef {import('./review_queue.mjs').Order} Order */
/** @typedef {import('./review_queue.mjs').Outcome} Outcome */
/** @typedef {{why: string, retryInMs: number} | null} Trouble why there is no answer yet, and when it is tried again */

const TIMEOUT_MS = 20_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** Statuses that say something about the order; any other says something about the server, and may pass. */
const REFUSALS = new Set([400, 404, 409, 413, 422]);
/** What the api calls a collection that it does not have. */
const NO_COLLECTION = 'CollectionNotFoundError';

export class ReviewSender {
  /**
   * @param {object} outside
   * @param {string} outside.api address below which the api is
   * @param {typeof fetch} outside.fetch
   * @param {(ms: number) => {passed: Promise<void>, end: () => void}} outside.pause ends by itself, or when told to
   * @param {(trouble: Trouble) => void} outside.onTrouble told of every failure, and with null when it is over
   */
  constructor({ api, fetch: ask, pause, onTrouble }) {
    this.api = api;
    this.ask = ask;
    this.pause = pause;
    this.onTrouble = onTrouble;
    /** @type {{end: () => void} | null} */
    this.pausing = null;
  }

  /** @param {Order} order @returns {Promise<Outcome>} settles when the api has answered, however long that takes */
  async carryOut(order) {
    if (order.undone?.review === null) { // the api would take back the last verdict of all
      return { refusal: 'it is not known which verdict was to be taken back; look for it among the reviewed points.' };
    }
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const { outcome, why } = await this.#attempt(order);
      if (outcome) {
        this.onTrouble(null);
        return outcome;
      }
      const pausing = this.pause(pauseMs);
      this.pausing = pausing;
      this.onTrouble({ why, retryInMs: pauseMs });
      await pausing.passed;
    }
  }

  /** Tries again at once, if it was waiting to. */
  hurry() {
    this.pausing?.end();
  }

  /** @param {Order} order @returns {Promise<{outcome?: Outcome, why: string}>} */
  async #attempt(order) {
    const { path, body } = requestOf(order);
    try {
      const response = await this.ask(`${this.api}/collections/${encodeURIComponent(order.collection)}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        priority: 'high', // before the thumbnails of the next point
      });
      const answer = await response.json();
      const revision = response.headers.get('review-revision');
      if (response.ok) return { outcome: { [order.undone ? 'takenBack' : 'made']: answer, revision }, why: '' };
      if (answer?.code === NO_COLLECTION) return { outcome: { lacksCollection: true }, why: '' };
      const words = typeof answer?.detail === 'string' ? answer.detail : `status ${response.status}`;
      if (REFUSALS.has(response.status)) return { outcome: { refusal: words }, why: '' };
      return { why: `The server cannot record verdicts (${words})` };
    } catch { // no connection, no answer in time, or one that is no answer of the api
      return { why: 'Connection lost' };
    }
  }
}

/** @param {Order} order */
function requestOf({ key, who, id, verdict, className, group, seen = {}, undone }) {
  if (undone) return { path: 'reviews/undo', body: { who, review_id: undone.review, idempotency_key: key } };
  const body = {
    who,
    verdict,
    ids: [...new Set([id, ...(group ?? [])])],
    class_name: className,
    is_one_entry: Boolean(group),
    seen: Object.entries(seen).map(([one, shown]) => ({ id: one, class_name: shown.className, review: shown.review })),
    idempotency_key: key,
  };
  return { path: 'reviews', body };
}
