/** Points as a file to take along: ids, or a table with the class that a person accepted. Knows no document. */

const FIELDS = ['id', 'class_name', 'accepted_class', 'dataset', 'image_name', 'object_key', 'left', 'top', 'right', 'bottom', 'tags'];
const POINTS_PER_REQUEST = 1000;

/** @typedef {import('./card_worklist.mjs').Tools} Tools */

/** @param {unknown[]} values */
const csvLine = (values) => values.map((value) => `"${String(value ?? '').replaceAll('"', '""')}"`).join(',');

/** @param {any} payload @returns {string} tags as JSON, as the server's table has them; empty without any */
const tagsText = (payload) => (payload?.tags?.length > 0 ? JSON.stringify(payload.tags) : '');

/**
 * @param {Tools} tools
 * @param {string[] | null} ids all points that fit the conditions if null
 * @param {(nDone: number) => void} onProgress
 * @param {object} conditions in the api's words; none for all points of the collection
 */
async function* readPoints({ api }, ids, onProgress, conditions) {
  if (ids === null) {
    for (let offset = /** @type {number | null} */ (0); offset !== null;) {
      const page = await api.post('/points', { ...conditions, offset, limit: POINTS_PER_REQUEST });
      yield* page.points;
      offset = page.next_offset;
      onProgress(offset ?? page.total);
    }
    return;
  }
  for (let start = 0; start < ids.length; start += POINTS_PER_REQUEST) {
    const some = ids.slice(start, start + POINTS_PER_REQUEST);
    yield* (await api.post('/points', { ids: some, limit: POINTS_PER_REQUEST })).points;
    onProgress(start + some.length);
  }
}

/**
 * @param {Tools} tools
 * @param {'ids' | 'csv'} format
 * @param {string[] | null} ids all points that fit the conditions if null
 * @param {(nDone: number) => void} onProgress
 * @param {object} conditions in the api's words; none for all points of the collection
 * @returns {Promise<string>} the file's text
 * @throws {Error} in the api's words
 */
export async function exportText(tools, format, ids, onProgress, conditions = {}) {
  if (format === 'ids' && ids !== null) return ids.map((id) => `${id}\n`).join('');
  const points = readPoints(tools, ids, onProgress, conditions);
  if (format === 'csv') return tableText(tools, points);
  let text = '';
  for await (const { id } of points) text += `${id}\n`;
  return text;
}

/**
 * @param {Pick<Tools, 'judged'>} tools
 * @param {Iterable<any> | AsyncIterable<any>} points as the api gives them
 * @returns {Promise<string>} a table with the class that a person accepted, and tags
 * @throws {Error} in the api's words
 */
export async function tableText({ judged }, points) {
  await judged.refresh();
  const { ofPoint } = judged.state;
  const lines = [csvLine(FIELDS)];
  for await (const point of points) {
    const review = ofPoint.get(point.id);
    const accepted = review?.verdict === 'accept' ? review.className : null;
    lines.push(csvLine([
      point.id, point.class_name, accepted, point.dataset, point.image_name, point.object_key, ...(point.box ?? [null, null, null, null]), tagsText(point.payload),
    ]));
  }
  return lines.map((line) => `${line}\n`).join('');
}
