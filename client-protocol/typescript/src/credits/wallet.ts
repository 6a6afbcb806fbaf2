/** What is in a wallet, in one line of figures. */

import { inCredits, type Wallet } from "../http/credits.ts";
import { element } from "../page/element.ts";
import { section } from "../page/sheet.ts";

export function walletSection(wallet: Wallet): HTMLElement {
  const held = wallet.held === 0 ? "" : `${inCredits(wallet.held)} more are held for what is under way; what is not needed comes back.`;
  const due = wallet.allowanceDue === 0 ? "" : `${inCredits(wallet.allowanceDue)} more come with the first generation this month (plan ${wallet.plan ?? ""}).`;
  const facts = [held, due].filter((fact) => fact !== "").map((fact) => element("p", { className: "quiet" }, fact));
  return section("Balance", element("p", { className: "balance" }, inCredits(wallet.balance), element("span", { className: "unit" }, " credits")), ...facts);
}
