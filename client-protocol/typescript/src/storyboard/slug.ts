/**
 * Scene headings as screenwriters type them: "INT. KITCHEN - NIGHT" to its three parts and back.
 * It judges no heading: what is not understood becomes the place.
 */

export interface Slug {
  readonly ie: string;
  readonly loc: string;
  readonly tod: string;
}

const SIDES = new Map([
  ["INT", "INT"],
  ["EXT", "EXT"],
  ["I/E", "I/E"],
  ["INT/EXT", "I/E"],
  ["INT./EXT", "I/E"],
]);
const HEADING = /^\s*(INT\.?\/EXT|I\/E|INT|EXT)(?:\.|\s|$)\s*(.*)$/i;
const LOCATION_CHARS_MAX = 120;
const TIME_CHARS_MAX = 40;

export function parseSlug(text: string): Slug {
  const match = HEADING.exec(text);
  const ie = SIDES.get((match?.[1] ?? "").toUpperCase()) ?? "";
  const rest = (match?.[2] ?? text).trim();
  const cut = /^(.*\S)\s+[-\u2013\u2014]\s+(\S.*)$/.exec(rest);
  return {
    ie,
    loc: (cut?.[1] ?? rest).toUpperCase().slice(0, LOCATION_CHARS_MAX),
    tod: (cut?.[2] ?? "").trim().toUpperCase().slice(0, TIME_CHARS_MAX),
  };
}

export function formatSlug(slug: Slug): string {
  const head = [slug.ie === "" ? "" : `${slug.ie}.`, slug.loc].filter((part) => part !== "").join(" ");
  return [head, slug.tod].filter((part) => part !== "").join(" \u2014 ").toUpperCase();
}
