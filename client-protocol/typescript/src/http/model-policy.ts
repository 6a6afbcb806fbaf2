/** Which models a project may ask, as its owners say. */

import { listOf, recordOf, textOf } from "../json.ts";
import { call } from "./client.ts";

/** `allow`, `deny`: `provider` or `provider/model`, `deny` is stronger. `regions`: as `eu`. Null: all of them. */
export interface ModelPolicy {
  readonly allow: readonly string[] | null;
  readonly deny: readonly string[];
  readonly regions: readonly string[] | null;
}

export function getModelPolicy(project: string): Promise<ModelPolicy> {
  return call("GET", `/v1/projects/${project}/model-policy`).then(readPolicy);
}

export function putModelPolicy(project: string, policy: ModelPolicy): Promise<ModelPolicy> {
  return call("PUT", `/v1/projects/${project}/model-policy`, policy).then(readPolicy);
}

function readPolicy(answer: unknown): ModelPolicy {
  const policy = recordOf(answer);
  const names = (value: unknown): string[] => listOf(value).map((each) => textOf(each));
  return {
    allow: policy["allow"] === null ? null : names(policy["allow"]),
    deny: names(policy["deny"]),
    regions: policy["regions"] === null ? null : names(policy["regions"]),
  };
}
