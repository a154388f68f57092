/** Gets ready the suspect that comes next while somebody looks at one, so that it is there at once. */

const PAUSE_MS = 150;

export class Ahead {
  /** @param {Pick<import('../page.mjs').Page, 'lookedAt' | 'similar' | 'dock' | 'queue'>} page */
  constructor(page) {
    this.page = page;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.pause = undefined;
    for (const { store } of [page.lookedAt, page.similar]) store.subscribe(() => this.#wait());
  }

  /** What is looked at comes first, and a verdict that is on its way to a new list. */
  #wait() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => (this.isBusy ? this.#wait() : this.#ask()), PAUSE_MS);
  }

  get isBusy() {
    const { lookedAt, similar, dock, queue } = this.page;
    return queue.orders.length > 0 || lookedAt.store.state.isAsking || similar.store.state.isAsking || dock.suspects?.isAsking;
  }

  async #ask() {
    const { lookedAt, similar: { store }, dock: { suspects, active } } = this.page;
    if (lookedAt.store.state.fault !== '' || store.state.fault !== '') return; // the server has its trouble with this one
    const next = /** @type {import('../worklists/suspect_card.mjs').SuspectCard | null} */ (active && active === suspects ? suspects?.next : null);
    if (next === null) return;
    lookedAt.askAhead(next.id);
    const neighbors = await store.askAhead(next.id);
    for (const { point } of neighbors) new Image().src = store.pictureUrl(point.id);
    void suspects?.examples.ask(next.suspect);
  }
}
