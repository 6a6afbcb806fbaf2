/** Times as people read them, in their own language and zone. */

/** A day and a time. `time`: ISO 8601, or milliseconds since 1970. */
export function moment(time: string | number): string {
  return new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

/** As a field for a day and a time holds it: in the zone of whoever looks, to the minute. */
export function fieldMoment(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString([], { dateStyle: "medium" });
}
