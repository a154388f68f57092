/** Work on a Supervisely server: first what would be written, then the writing, then a way back. Knows no document. */

import { messageOf, Store } from '../worklists/store.mjs';

/**
 * @typedef {object} WorkState
 * @property {'form' | 'checking' | 'checked' | 'writing' | 'done' | 'undone'} step
 * @property {any} answer what would be or was written, as the api has it
 * @property {string} problem what went wrong in the last step
 * @property {number} nUndone
 */

/** @extends {Store<WorkState>} */
export class Work extends Store {
  /**
   * @param {object} how
   * @param {(path: string, body: object) => Promise<any>} how.post asks the api about the collection
   * @param {(run: string) => Promise<{undone: number}>} how.undo
   * @param {string} how.path of the api
   */
  constructor({ post, undo, path }) {
    super({ step: 'form', answer: null, problem: '', nUndone: 0 });
    this.how = { post, undo, path };
    /** Number of the last step; what is answered to an older one comes too late. */
    this.nSteps = 0;
  }

  /** The form was changed, so that what was found out, or is being asked, no longer counts. What is written is told. */
  edit() {
    if (this.state.step === 'writing') return;
    this.nSteps += 1;
    if (this.state.step !== 'form' || this.state.problem) this.set({ step: 'form', answer: null, problem: '' });
  }

  /** Asks what would be written; nothing is. @param {object} body */
  check(body) {
    return this.#try('checking', 'form', async () => ({ step: 'checked', answer: await this.#ask({ ...body, dry_run: true }) }));
  }

  /** @param {object} body */
  write(body) {
    return this.#try('writing', 'form', async () => ({ step: 'done', answer: await this.#ask(body) }));
  }

  /** @param {string} run */
  takeBack(run) {
    return this.#try('writing', 'done', async () => ({ step: 'undone', nUndone: (await this.how.undo(run)).undone }));
  }

  /** @param {object} body @returns {Promise<any>} */
  #ask(body) {
    return this.how.post(this.how.path, body);
  }

  /**
   * @param {'checking' | 'writing'} step meanwhile
   * @param {'form' | 'done'} before where to go back to if it fails
   * @param {() => Promise<Partial<WorkState>>} work
   */
  async #try(step, before, work) {
    this.nSteps += 1;
    const mine = this.nSteps;
    const tell = (/** @type {Partial<WorkState>} */ changes) => { if (mine === this.nSteps) this.set(changes); };
    this.set({ step, problem: '' });
    try {
      tell(await work());
    } catch (error) {
      tell({ step: before, problem: messageOf(error) });
    }
  }
}

/** @param {any} answer of a tag @param {{remove: boolean, isDone: boolean}} how @returns {string} */
export function tagWords({ on, tag, added, already, removed }, { remove, isDone }) {
  const count = remove ? removed : added;
  const would = isDone ? '' : 'would ';
  const verb = remove ? `${would}${isDone ? 'lost' : 'lose'}` : `${would}${isDone ? 'got' : 'get'}`;
  const rest = already > 0 ? ` ${countOf(already, on)} ${remove ? 'did not have it' : already === 1 ? 'has it already' : 'have it already'}.` : '';
  return `${countOf(count, on)} ${verb} '${tag}'.${rest}`;
}

/** @param {any} answer of labeling jobs @param {boolean} isDone @returns {string} */
export function jobWords({ created, existing }, isDone) {
  const rest = existing > 0 ? ` ${countOf(existing, 'job')} for the same images ${existing === 1 ? 'is' : 'are'} there already.` : '';
  return `${countOf(created, 'job')} ${isDone ? `${created === 1 ? 'was' : 'were'} made` : 'would be made'}.${rest}`;
}

/** @param {any} answer of a collection of images @returns {string} */
export function collectionWords({ added, already, missing, collection_id: id }) {
  const rest = [
    already > 0 && `${countOf(already, 'image')} ${already === 1 ? 'was' : 'were'} in it already.`,
    missing > 0 && `${countOf(missing, 'image')} ${missing === 1 ? 'is' : 'are'} no longer on the server.`,
  ].filter(Boolean);
  return [`${countOf(added, 'image')} ${added === 1 ? 'was' : 'were'} put into collection ${id}.`, ...rest].join(' ');
}

/** @param {number} count @param {string} noun */
function countOf(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
