/**
 * Reading values that others wrote (documents, awareness, HTTP answers): every reader answers with a value of its type.
 * It holds no schema: what a scene or a run looks like is said where they are read.
 */

export type JsonRecord = Readonly<Record<string, unknown>>;

const NOTHING: JsonRecord = {};

export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : NOTHING;
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The records of the one list of an answer, as in `{"members": [...]}`. */
export function recordsOf(answer: unknown, list: string): JsonRecord[] {
  return listOf(recordOf(answer)[list]).map(recordOf);
}

export function textOf(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}

/** pycrdt hands numbers back as floats and others may write anything: whole numbers inside the range, else `otherwise`. */
export function intOf(value: unknown, otherwise: number, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= min && number <= max ? number : otherwise;
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((each) => each === value) ?? otherwise;
}

/** A content hash, the only thing that is ever put into a media address. */
export function hashOf(value: unknown): string | null {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value) ? value : null;
}

export function colourOf(value: unknown, otherwise: string): string {
  return typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value) ? value : otherwise;
}

/** JSON of which there is one form. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => compareText(one, other)))
      : inner,
  );
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
