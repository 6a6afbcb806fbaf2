/**
 * Registers read strictly, the same as `sync/registers.py`: what any client may have written, as a value of its type or not
 * at all, so that every replica reads alike. What a register means is said where its document is read.
 */

/** One entity: register -> value. */
export type Raw = Readonly<Record<string, unknown>>;
/** Root -> entity id -> register -> value. */
export type Content = Readonly<Record<string, unknown>>;

export function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "__proto__" && /^[A-Za-z0-9_.-]{1,64}$/.test(value);
}

export function idOrNull(value: unknown): string | null {
  return isId(value) ? value : null;
}

export function orderKey(value: unknown): string {
  return typeof value === "string" && /^[0-9A-Za-z]{1,256}$/.test(value) ? value : "";
}

export function isMap(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Of a root, by id; what has no proper id or is no map is not there. */
export function entities(content: Content, root: string): Map<string, Raw> {
  const found = content[root];
  const kept = isMap(found) ? Object.entries(found).filter((entry): entry is [string, Raw] => isId(entry[0]) && isMap(entry[1])) : [];
  return new Map(kept);
}

export function isDeleted(raw: Raw): boolean {
  const mark = raw["del"];
  return mark != null && mark !== false;
}
