/**
 * SHA-1 (RFC 3174) of text as UTF-8, at once: `crypto.subtle` only answers later, and ids are derived inside transactions.
 * For derived ids only; nothing secret rests on it.
 */

const BLOCK = 64;
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;

/** 20 bytes. */
export function sha1(message: Uint8Array): Uint8Array {
  const blocks = padded(message);
  let state: readonly number[] = START;
  for (let at = 0; at < blocks.byteLength; at += BLOCK) {
    state = mixed(state, new DataView(blocks.buffer, at, BLOCK));
  }
  const digest = new DataView(new ArrayBuffer(20));
  state.forEach((word, index) => {
    digest.setUint32(index * 4, word);
  });
  return new Uint8Array(digest.buffer);
}

/** The message, a one bit, zeros, and the length in bits in the last eight bytes of the last block. */
function padded(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  blocks.set(message);
  blocks[message.length] = 0x80;
  new DataView(blocks.buffer).setBigUint64(blocks.length - 8, BigInt(message.length) * 8n);
  return blocks;
}

function mixed(state: readonly number[], block: DataView): number[] {
  const words = Array.from({ length: 16 }, (_, index) => block.getUint32(index * 4));
  let [a, b, c, d, e] = state as [number, number, number, number, number];
  for (let round = 0; round < 80; round += 1) {
    if (round >= 16) {
      words.push(rotated(word(words, round - 3) ^ word(words, round - 8) ^ word(words, round - 14) ^ word(words, round - 16), 1));
    }
    const [choice, constant] = step(Math.floor(round / 20), b, c, d);
    const next = (rotated(a, 5) + choice + e + constant + word(words, round)) >>> 0;
    [a, b, c, d, e] = [next, a, rotated(b, 30), c, d];
  }
  return [a, b, c, d, e].map((value, index) => (value + word(state, index)) >>> 0);
}

function step(quarter: number, b: number, c: number, d: number): [number, number] {
  switch (quarter) {
    case 0:
      return [(b & c) | (~b & d), 0x5a827999];
    case 1:
      return [b ^ c ^ d, 0x6ed9eba1];
    case 2:
      return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
    default:
      return [b ^ c ^ d, 0xca62c1d6];
  }
}

function word(words: readonly number[], index: number): number {
  return words[index] ?? 0;
}

function rotated(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}
