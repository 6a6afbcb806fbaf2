/** A wallet: what is in it, buying more, and its statement of a month, which prints as a page. Not a place for rules. */

import "../styles/base.css";
import "../styles/fields.css";
import "../styles/sheet.css";
import "../styles/credits.css";

import { HttpProblem, whoAmI } from "../http/client.ts";
import { getShop, getWallet } from "../http/credits.ts";
import type { Me } from "../http/model.ts";
import { Announcer } from "../page/announcer.ts";
import { element, required } from "../page/element.ts";
import { showProblem } from "../page/problem.ts";
import { shopSection } from "./shop.ts";
import { StatementSection } from "./statement.ts";
import { walletSection } from "./wallet.ts";

async function main(): Promise<void> {
  const me = await whoAmI();
  const [wallet, shop] = await Promise.all([getWallet(walletInAddress(me)), getShop()]);
  required("header").replaceChildren(
    element("a", { className: "wordmark", href: "/" }, "StoryForge"),
    element("h1", { className: "project-title" }, "Credits"),
    element("nav", { className: "doors", ariaLabel: "Elsewhere" }, element("a", { href: "/" }, "Projects"), element("a", { href: "/account" }, "Account")),
  );
  const announcer = new Announcer(required("announcements"), required("alerts"));
  const statement = new StatementSection(wallet.id, announcer);
  required("sections").replaceChildren(walletSection(wallet), ...shopSection(wallet.id, shop, announcer), statement.element);
  await statement.load();
}

/** As in `/credits/usr_...`; `/credits/me` is one's own. */
function walletInAddress(me: Me): string {
  const id = location.pathname.split("/").at(-1) ?? "";
  if (id === "me") {
    return me.id;
  }
  if (!/^(usr|team|prj)_[0-9a-z]{26}$/.test(id)) {
    throw new HttpProblem(404, "wallet.missing", "There is no such wallet.");
  }
  return id;
}

main().catch(showProblem);
