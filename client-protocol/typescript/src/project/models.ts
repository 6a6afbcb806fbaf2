/** Which models the project may ask, and where they may compute. Its owner says so, everybody sees it. */

import type { Project } from "../http/model.ts";
import { getModelPolicy, putModelPolicy, type ModelPolicy } from "../http/model-policy.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { fieldForm, textField } from "../page/fields.ts";
import { row, section } from "../page/sheet.ts";

export class Models {
  readonly #body = element("div");
  readonly element = section("Models", this.#body);

  constructor(
    private readonly project: Project,
    private readonly mayChange: boolean,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => { this.#show(await getModelPolicy(this.project.id)); });
  }

  #show(policy: ModelPolicy): void {
    const facts = [["Asked", told(policy.allow)], ["Never asked", policy.deny.length === 0 ? "none" : policy.deny.join(", ")], ["Where they compute", told(policy.regions)]] as const;
    const form = this.mayChange
      ? this.#form(policy)
      : element("ul", { ariaLabel: "Rules about models" }, ...facts.map(([name, value]) => row([name], [], element("span", {}, value))));
    this.#body.replaceChildren(form);
  }

  #form(policy: ModelPolicy): HTMLElement {
    const allow = textField("allow", "Asked alone (empty: all)", { value: spelled(policy.allow), placeholder: "provider, provider/model" });
    const deny = textField("deny", "Never asked", { value: policy.deny.join(", ") });
    const regions = textField("regions", "Where they compute (empty: anywhere)", { value: spelled(policy.regions), placeholder: "eu, us" });
    return fieldForm([allow, deny, regions], "Save the rules about models", async () => {
      const wanted = { allow: allOrNull(allow.value), deny: namesOf(deny.value), regions: allOrNull(regions.value) };
      this.#show(await putModelPolicy(this.project.id, wanted));
      this.announcer.say("Saved. Runs that begin from now on keep to it.");
    }, true);
  }
}

function told(names: readonly string[] | null): string {
  return names === null ? "all" : names.length === 0 ? "none" : names.join(", ");
}

function namesOf(text: string): string[] {
  return text.split(",").map((each) => each.trim()).filter((each) => each !== "");
}

const NONE = "none";

/** Nobody at all is a rule, too, and not the same as no rule. */
function spelled(names: readonly string[] | null): string {
  return names === null ? "" : names.length === 0 ? NONE : names.join(", ");
}

function allOrNull(text: string): string[] | null {
  const names = namesOf(text);
  return names.length === 0 ? null : names.length === 1 && names[0] === NONE ? [] : names;
}
