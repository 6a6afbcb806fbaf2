/** What `resolve` found wanting in a document. The server writes it; a page only shows what is seen. */

/** One register that has to be written; `key` null: the entity itself, with `value` as its registers. */
export interface Repair {
  readonly root: string;
  readonly id: string;
  readonly key: string | null;
  readonly value: unknown;
  readonly name: string;
}
