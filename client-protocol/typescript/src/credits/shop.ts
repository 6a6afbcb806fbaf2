/** Buying credits: packs to choose from, and the form of a studio that takes no money. Where nobody sells there is nothing. */

import { buy, inCredits, pay, type Pack, type Shop } from "../http/credits.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { action, row, section } from "../page/sheet.ts";

export function shopSection(wallet: string, shop: Shop, announcer: Announcer): HTMLElement[] {
  if (shop.cashier === null) {
    return [];
  }
  const rows = shop.packs.map((pack) => row([`${inCredits(pack.amount)} credits`], [dollars(pack)], buyButton(wallet, pack, announcer)));
  return [...waiting(wallet, announcer), section("Buy credits", element("ul", { ariaLabel: "Packs" }, ...rows))];
}

function buyButton(wallet: string, pack: Pack, announcer: Announcer): HTMLButtonElement {
  const label = `Buy ${inCredits(pack.amount)} credits for ${dollars(pack)}`;
  return action("Buy", label, () => announcer.tried(async () => { location.assign(await buy(wallet, pack.name)); }));
}

/** Come back from the choice of a pack, to the cashier who is this page. */
function waiting(wallet: string, announcer: Announcer): HTMLElement[] {
  const purchase = new URLSearchParams(location.search).get("pay") ?? "";
  if (!/^pur_[0-9a-z]{26}$/.test(purchase)) {
    return [];
  }
  const done = (): void => { location.assign(`/credits/${wallet}`); };
  const paid = action("Pay", "Pay, without money", () => announcer.tried(async () => {
    await pay(purchase);
    done();
  }));
  const why = element("p", {}, "This studio runs on one machine and takes no money: whoever presses the button has paid.");
  return [section("Pay", why, element("p", { className: "statement-tools" }, paid, action("Not now", "Do not pay", () => { done(); return Promise.resolve(); })))];
}

function dollars(pack: Pack): string {
  return (pack.cents / 100).toLocaleString([], { style: "currency", currency: "USD" });
}
