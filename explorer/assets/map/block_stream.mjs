/**
 * Reads the binary map while it arrives, so that the first block is painted before the last one is sent.
 *
 * Little endian. A header of 16 bytes: the magic "LKM1", then uint32 points, rows per block, classes.
 * Then blocks of up to that many rows, column after column: uint16 x, uint16 y, uint16 class, uint8 score,
 * padded to a multiple of 4 bytes so that every column of every block is aligned.
 */

const MAGIC = 'LKM1';
const HEADER_BYTES = 16;
const ROW_BYTES = 7;
/** Time for a frame that shows the first block. */
const FIRST_PAINT_MS = 20;

/** @typedef {{nPoints: number, blockRows: number, nClasses: number}} MapHeader */
/** @typedef {{x: Uint16Array, y: Uint16Array, classIndex: Uint16Array, score: Uint8Array}} Block */

/** Collects the pieces in which a response arrives and hands out exact lengths. */
class ByteQueue {
  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
  constructor(reader) {
    this.reader = reader;
    /** @type {Uint8Array[]} */
    this.pieces = [];
    this.length = 0;
  }

  /**
   * @param {number} nBytes
   * @returns {Promise<ArrayBuffer>} the next `nBytes`, in a buffer of their own (hence aligned)
   * @throws {Error} if the response ends before
   */
  async take(nBytes) {
    while (this.length < nBytes) {
      const { done, value } = await this.reader.read();
      if (done) throw new Error(`the map ended ${nBytes - this.length} bytes early; reload the page`);
      this.pieces.push(value);
      this.length += value.length;
    }
    const taken = new Uint8Array(nBytes);
    let filled = 0;
    while (filled < nBytes) {
      const piece = this.pieces[0];
      const part = piece.subarray(0, nBytes - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === piece.length) this.pieces.shift();
      else this.pieces[0] = piece.subarray(part.length);
    }
    this.length -= nBytes;
    return taken.buffer;
  }
}

/**
 * @param {ArrayBuffer} buffer the first 16 bytes
 * @returns {MapHeader}
 */
export function parseHeader(buffer) {
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw new Error(`not a map: it starts with "${magic}", not "${MAGIC}"; reload the page`);
  const view = new DataView(buffer);
  return { nPoints: view.getUint32(4, true), blockRows: view.getUint32(8, true), nClasses: view.getUint32(12, true) };
}

/** @param {number} nRows @returns {number} length of a block in bytes, padding included */
export function blockBytes(nRows) {
  return Math.ceil((nRows * ROW_BYTES) / 4) * 4;
}

/**
 * @param {ArrayBuffer} buffer one block
 * @param {number} nRows
 * @returns {Block} views into the buffer
 */
export function parseBlock(buffer, nRows) {
  return {
    x: new Uint16Array(buffer, 0, nRows),
    y: new Uint16Array(buffer, 2 * nRows, nRows),
    classIndex: new Uint16Array(buffer, 4 * nRows, nRows),
    score: new Uint8Array(buffer, 6 * nRows, nRows),
  };
}

/**
 * @param {string | Promise<Response>} asked address, or an answer that is on its way
 * @param {{signal?: AbortSignal, onHeader: (header: MapHeader) => void, onBlock: (block: Block) => void}} options
 * @returns {Promise<void>} settles when the last block was handed over
 * @throws {Error} if the server refuses, or the answer is no map or ends early
 */
export async function streamMap(asked, { signal, onHeader, onBlock }) {
  const response = await (typeof asked === 'string' ? fetch(asked, { signal }) : asked);
  if (!response.ok || !response.body) {
    throw new Error(`the map could not be loaded (status ${response.status}); reload the page`);
  }
  const reader = response.body.getReader();
  signal?.addEventListener('abort', () => void reader.cancel(), { once: true });
  const queue = new ByteQueue(reader);
  const header = parseHeader(await queue.take(HEADER_BYTES));
  signal?.throwIfAborted();
  onHeader(header);
  for (let row = 0; row < header.nPoints; row += header.blockRows) {
    const nRows = Math.min(header.blockRows, header.nPoints - row);
    const block = await queue.take(blockBytes(nRows));
    signal?.throwIfAborted();
    onBlock(parseBlock(block, nRows));
    // If all bytes are there already, nothing else would come to its turn before the last block.
    if (row === 0 && nRows < header.nPoints) await new Promise((resolve) => { setTimeout(resolve, FIRST_PAINT_MS); });
  }
}
