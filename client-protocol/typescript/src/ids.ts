/**
 * Identifiers as documents.md A13 has them: a prefix and 26 characters of Crockford's base32 for 128 bits.
 * It makes ids of new entities; which entity gets one is the editor's affair.
 */

import { sha1 } from "./sha1.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_CHARS = 26;
/** The namespace of derived ids, 6f5b0c52-2c0c-5f0e-9d43-51f7a3c1b8e4, as the server has it. */
const DERIVED = Uint8Array.from([0x6f, 0x5b, 0x0c, 0x52, 0x2c, 0x0c, 0x5f, 0x0e, 0x9d, 0x43, 0x51, 0xf7, 0xa3, 0xc1, 0xb8, 0xe4]);

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

/** The same parts give the same id everywhere (a name-based UUID, version 5), for what two replicas may create at once. */
export function derivedId(prefix: string, ...parts: readonly string[]): string {
  const name = new TextEncoder().encode(parts.join("|"));
  const number = sha1(Uint8Array.from([...DERIVED, ...name])).slice(0, 16);
  number[6] = ((number[6] ?? 0) & 0x0f) | 0x50;
  number[8] = ((number[8] ?? 0) & 0x3f) | 0x80;
  return newId(prefix, number);
}

export function isId(prefix: string, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text.slice(prefix.length + 1));
}
