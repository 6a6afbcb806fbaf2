import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { canonical } from "../src/json.ts";
import type { Content } from "../src/registers.ts";
import { AUTHORS, ROOTS, SERVERS, STRUCTURE, TEXTS } from "../src/storyboard/content.ts";
import { resolve, view } from "../src/storyboard/resolve.ts";

interface Case {
  readonly name: string;
  readonly content: Content;
  readonly resolved: string;
}

interface Rule {
  readonly "x-writer"?: string;
  readonly "x-shared"?: string;
}

interface Schema {
  readonly properties: Readonly<Record<string, { readonly additionalProperties: { readonly $ref: string } }>>;
  readonly $defs: Readonly<Record<string, { readonly properties: Readonly<Record<string, Rule>> }>>;
}

const at = (file: string): URL => new URL(`../../${file}`, import.meta.url);
const CASES = JSON.parse(readFileSync(at("vectors/storyboard.json"), "utf8")) as readonly Case[];
const SCHEMA = JSON.parse(readFileSync(at("schema/storyboard.schema.json"), "utf8")) as Schema;

test.each(CASES)("the story and its repairs are those of Python: $name", ({ content, resolved }) => {
  const found = resolve(content);
  const repairs = found.repairs.map((repair) => [repair.root, repair.id, repair.key, repair.value, repair.name]);
  expect(canonical({ view: view(content, found), repairs })).toBe(resolved);
});

test.each(ROOTS)("every key of the schema is known: %s", (root) => {
  const name = SCHEMA.properties[root]!.additionalProperties.$ref.split("/").at(-1)!;
  const keys = Object.entries(SCHEMA.$defs[name]!.properties);
  const servers = keys.filter(([, rule]) => rule["x-writer"] === "server").map(([key]) => key);
  const authors = keys.map(([key]) => key).filter((key) => !STRUCTURE.includes(key) && !servers.includes(key));
  expect([...AUTHORS[root]].sort()).toEqual(authors.sort());
  expect(root === "scenes" ? [...SERVERS].sort() : []).toEqual(servers.sort());
  expect(keys.find(([, rule]) => rule["x-shared"] === "text")?.[0]).toBe(TEXTS[root]);
});
