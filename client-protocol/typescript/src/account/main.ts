/** One's own account: name and colour, where one is signed in, and through whom. Not a place for rules. */

import "../styles/base.css";
import "../styles/fields.css";
import "../styles/sheet.css";

import { listProviders, whoAmI } from "../http/client.ts";
import { Announcer } from "../page/announcer.ts";
import { element, required } from "../page/element.ts";
import { showProblem } from "../page/problem.ts";
import { section } from "../page/sheet.ts";
import { Identities } from "./identities.ts";
import { profile } from "./profile.ts";
import { Sessions } from "./sessions.ts";

async function main(): Promise<void> {
  const [me, providers] = await Promise.all([whoAmI(), listProviders()]);
  required("header").replaceChildren(
    element("a", { className: "wordmark", href: "/" }, "StoryForge"),
    element("h1", { className: "project-title" }, "Account"),
    element("nav", { className: "doors", ariaLabel: "Elsewhere" }, element("a", { href: "/" }, "Projects")),
  );
  if (me.isGuest) {
    const why = element("p", {}, `You came in by a share link, as ${me.name}. Guests have no account: what you may see ends with the link.`);
    required("sections").replaceChildren(section("You", why));
    return;
  }
  const announcer = new Announcer(required("announcements"), required("alerts"));
  const lists = [new Sessions(announcer), ...(providers.length === 0 ? [] : [new Identities(providers, announcer)])];
  required("sections").replaceChildren(profile(me, announcer), ...lists.map((each) => each.element));
  await Promise.all(lists.map((each) => each.load()));
}

main().catch(showProblem);
