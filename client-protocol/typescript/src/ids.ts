/**
 * Identifiers as documents.md A13 has them: a prefix and 26 characters of Crockford's base32 for 128 bits.
 * It makes ids of new entities; which entity gets one is the editor's affair.
 */

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_CHARS = 26;

export function newId(prefix: string, entropy: Uint8Array = crypto.getRandomValues(new Uint8Array(16))): string {
  let value = 0n;
  for (const byte of entropy) {
    value = (value << 8n) | BigInt(byte);
  }
  let text = "";
  for (let digit = 0; digit < TEXT_CHARS; digit += 1) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}

export function isId(prefix: string, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text.slice(prefix.length + 1));
}

/** The same parts give the same id everywhere (`derived` of sync/ids.py): a version 5 UUID of ours. */
export function derivedId(prefix: string, ...parts: readonly string[]): string {
  const text = new TextEncoder().encode(parts.join("|"));
  const hash = sha1(new Uint8Array([...DERIVED, ...text])).slice(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return newId(prefix, hash);
}

const DERIVED = Uint8Array.from("6f5b0c522c0c5f0e9d4351f7a3c1b8e4".match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** FIPS 180-4. The browser's own is asynchronous, and a gesture is not. */
function sha1(data: Uint8Array): Uint8Array {
  const words = new Uint32Array(((data.length + 8) >> 6) * 16 + 16);
  data.forEach((byte, at) => {
    words[at >> 2] = (words[at >> 2] ?? 0) | (byte << (24 - 8 * (at & 3)));
  });
  words[data.length >> 2] = (words[data.length >> 2] ?? 0) | (0x80 << (24 - 8 * (data.length & 3)));
  words[words.length - 1] = data.length * 8;
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  for (let block = 0; block < words.length; block += 16) {
    sha1Block(state, words.subarray(block, block + 16));
  }
  const bytes = new Uint8Array(20);
  state.forEach((word, at) => {
    new DataView(bytes.buffer).setUint32(4 * at, word);
  });
  return bytes;
}

function sha1Block(state: Uint32Array, block: Uint32Array): void {
  const w = new Uint32Array(80);
  w.set(block);
  const at = (index: number): number => w[index] ?? 0;
  const rotated = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
  for (let t = 16; t < 80; t += 1) {
    w[t] = rotated(at(t - 3) ^ at(t - 8) ^ at(t - 14) ^ at(t - 16), 1);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let t = 0; t < 80; t += 1) {
    const [mixed, constant] =
      t < 20
        ? [(b & c) | (~b & d), 0x5a827999]
        : t < 40
          ? [b ^ c ^ d, 0x6ed9eba1]
          : t < 60
            ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
            : [b ^ c ^ d, 0xca62c1d6];
    const next = (rotated(a, 5) + mixed + e + constant + at(t)) >>> 0;
    [e, d, c, b, a] = [d, c, rotated(b, 30), a, next];
  }
  [a, b, c, d, e].forEach((word, place) => {
    state[place] = (state[place] ?? 0) + word;
  });
}
