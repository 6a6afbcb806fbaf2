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
