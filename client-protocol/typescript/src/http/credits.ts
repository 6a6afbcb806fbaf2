/** Credits as the studio tells them: wallets, what a project may spend, statements. Amounts are micro-credits. */

import { intOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call } from "./client.ts";

const MICRO = 1_000_000;

/** `allowanceDue`: given with the first generation of the month, beside the balance. */
export interface Wallet {
  readonly id: string;
  readonly balance: number;
  readonly held: number;
  readonly allowanceDue: number;
  readonly plan: string | null;
}

/** `left`: the most that this user could start now; `by`: what limits it. */
export interface ProjectCredits {
  readonly wallet: string;
  readonly left: number;
  readonly by: string;
  readonly held: number;
  readonly monthUsed: number;
}

export interface StatementLine {
  readonly at: string;
  readonly kind: string;
  readonly amount: number;
  readonly title: string | null;
  readonly by: string | null;
  readonly note: string;
}

/** What a generation did not cost: one of its steps, or all of its take, was there already. */
export interface StatementSaving {
  readonly at: string;
  readonly what: string;
  readonly layer: string;
  readonly saved: number;
  readonly title: string | null;
  readonly by: string | null;
}

export interface Statement {
  readonly wallet: string;
  readonly month: string;
  readonly opening: number;
  readonly closing: number;
  readonly totals: readonly { readonly kind: string; readonly amount: number }[];
  readonly projects: readonly { readonly id: string; readonly title: string | null; readonly spent: number; readonly saved: number }[];
  readonly lines: readonly StatementLine[];
  /** The newest first. */
  readonly savings: readonly StatementSaving[];
}

export async function getWallet(id: string): Promise<Wallet> {
  const found = recordOf(await call("GET", `/v1/wallets/${id}`));
  return {
    id: textOf(found["wallet"]),
    balance: amountOf(found, "balance_micro"),
    held: amountOf(found, "held_micro"),
    allowanceDue: amountOf(found, "allowance_due_micro"),
    plan: textOf(found["plan"]) || null,
  };
}

export async function getProjectCredits(project: string): Promise<ProjectCredits> {
  const found = recordOf(await call("GET", `/v1/projects/${project}/credits`));
  const room = recordOf(found["room"]);
  return {
    wallet: textOf(found["wallet"]),
    left: amountOf(room, "left_micro"),
    by: textOf(room["by"]),
    held: amountOf(found, "held_micro"),
    monthUsed: amountOf(found, "month_used_micro"),
  };
}

/** All of it, page by page. */
export async function getStatement(wallet: string, month: string): Promise<Statement> {
  const lines: StatementLine[] = [];
  let found: JsonRecord;
  let next = "";
  do {
    const path = `/v1/wallets/${wallet}/statements/${month}`;
    found = recordOf(await call("GET", next === "" ? path : `${path}?cursor=${encodeURIComponent(next)}`));
    lines.push(...recordsOf(found, "lines").map(readLine));
    next = textOf(found["next"]);
  } while (next !== "");
  return {
    wallet: textOf(found["wallet"]),
    month: textOf(found["month"]),
    opening: amountOf(found, "opening_micro"),
    closing: amountOf(found, "closing_micro"),
    totals: recordsOf(found, "totals").map((each) => ({ kind: textOf(each["kind"]), amount: amountOf(each, "amount_micro") })),
    projects: recordsOf(found, "projects").map((each) => ({
      id: textOf(each["project"]),
      title: textOf(each["title"]) || null,
      spent: amountOf(each, "spent_micro"),
      saved: amountOf(each, "saved_micro"),
    })),
    lines,
    savings: recordsOf(found, "savings").map(readSaving),
  };
}

/** `cashier`: who takes the money; null: nobody sells credits here. */
export interface Shop {
  readonly cashier: string | null;
  readonly packs: readonly Pack[];
}

/** `cents`: of a US dollar. */
export interface Pack {
  readonly name: string;
  readonly amount: number;
  readonly cents: number;
}

export async function getShop(): Promise<Shop> {
  const found = await call("GET", "/v1/plans");
  const packs = recordsOf(found, "packs").map((pack) => ({ name: textOf(pack["name"]), amount: amountOf(pack, "amount_micro"), cents: amountOf(pack, "cents") }));
  return { cashier: textOf(recordOf(found)["cashier"]) || null, packs };
}

/** Where the buyer pays. */
export async function buy(wallet: string, pack: string): Promise<string> {
  return textOf(recordOf(await call("POST", `/v1/wallets/${wallet}/purchases`, { pack }))["url"]);
}

/** At the form of a studio that takes no money. */
export async function pay(purchase: string): Promise<void> {
  await call("POST", `/v1/purchases/${purchase}/pay`);
}

/** Where the whole month is as a file. */
export function statementFile(wallet: string, month: string): string {
  return `/v1/wallets/${wallet}/statements/${month}/csv`;
}

/** `1,234.5`; `fraction`: at most so many digits behind the point, and never rounded up. */
export function inCredits(micro: number, fraction = 6): string {
  const step = MICRO / 10 ** fraction;
  return (Math.trunc(micro / step) / 10 ** fraction).toLocaleString([], { maximumFractionDigits: fraction });
}

function readLine(line: JsonRecord): StatementLine {
  return {
    at: textOf(line["at"]),
    kind: textOf(line["kind"]),
    amount: amountOf(line, "amount_micro"),
    title: textOf(line["title"]) || null,
    by: textOf(line["by"]) || null,
    note: textOf(line["note"]),
  };
}

function readSaving(saving: JsonRecord): StatementSaving {
  return {
    at: textOf(saving["at"]),
    what: textOf(saving["what"]),
    layer: textOf(saving["layer"]),
    saved: amountOf(saving, "saved_micro"),
    title: textOf(saving["title"]) || null,
    by: textOf(saving["by"]) || null,
  };
}

function amountOf(record: JsonRecord, name: string): number {
  return intOf(record[name], 0, Number.MIN_SAFE_INTEGER);
}
