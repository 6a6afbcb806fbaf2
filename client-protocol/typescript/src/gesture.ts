/**
 * Why a gesture cannot be done, under the names of `sync/errors.py`. What the schema says of a value is the hub's to judge.
 */

export class GestureImpossible extends Error {
  override readonly name = "GestureImpossible";
}

export class NoSuchEntity extends Error {
  override readonly name = "NoSuchEntity";

  constructor(root: string, id: string) {
    super(`${root} has no ${id}`);
  }
}

/** Nobody writes such a key with this gesture. */
export class SchemaKey extends Error {
  override readonly name = "SchemaKey";
}

/** Only the server writes this key. */
export class ServerOnly extends Error {
  override readonly name = "ServerOnly";
}

/** Transactions with this origin make what a gesture needs; undo leaves them alone. */
export const PREPARATION = "storyforge.preparation";
