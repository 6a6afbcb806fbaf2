/** Reads documents' contents as lines of JSON and answers each with what is seen and its repairs, for `./dev sim documents`. */

import { createInterface } from "node:readline";

import { canonical } from "../../src/json.ts";
import type { Content } from "../../src/registers.ts";
import type { Repair } from "../../src/repair.ts";
import * as storyboard from "../../src/storyboard/resolve.ts";
import * as timeline from "../../src/timeline/resolve.ts";

interface Line {
  readonly kind: "timeline" | "storyboard";
  readonly content: Content;
}

function seen({ kind, content }: Line): { readonly view: unknown; readonly repairs: readonly Repair[] } {
  if (kind === "timeline") {
    return timeline.resolve(content);
  }
  const resolved = storyboard.resolve(content);
  return { view: storyboard.view(content, resolved), repairs: resolved.repairs };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { view, repairs } = seen(JSON.parse(line) as Line);
  const said = repairs.map((repair) => [repair.root, repair.id, repair.key, repair.value, repair.name]);
  process.stdout.write(`${canonical({ view, repairs: said })}\n`);
}
