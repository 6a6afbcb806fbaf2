/** Times as people read them, in their own language and zone. */

/** A day and a time. `time`: ISO 8601, or milliseconds since 1970. */
export function moment(time: string | number): string {
  return new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString([], { dateStyle: "medium" });
}
