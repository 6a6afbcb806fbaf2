/** Reads timeline contents as lines of JSON and answers each with its film and repairs, for `./dev sim documents`. */

import { createInterface } from "node:readline";

import type { Content } from "../../src/timeline/content.ts";
import { canonical, resolve } from "../../src/timeline/resolve.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const { view, repairs } = resolve(JSON.parse(line) as Content);
  const said = repairs.map((repair) => [repair.root, repair.id, repair.key, repair.value, repair.name]);
  process.stdout.write(`${canonical({ view, repairs: said })}\n`);
}
