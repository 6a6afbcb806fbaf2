/** Lets a screen in by the code that it shows: enter it, look at what asks, decide. Whether a code is right the studio says. */

import "../styles/base.css";
import "../styles/device.css";

import { decideDevice, deviceAsking, HttpProblem, whoAmI } from "../http/client.ts";
import type { DeviceAsking } from "../http/model.ts";
import { required, setText } from "../page/element.ts";
import { oneAtATime } from "../page/form.ts";
import { showProblem } from "../page/problem.ts";

const field = required("code") as HTMLInputElement;
const attempt = oneAtATime(() => {
  show("enter");
  field.select();
});

async function main(): Promise<void> {
  const given = new URLSearchParams(location.search).get("code") ?? "";
  try {
    const me = await whoAmI();
    setText(required("enter-who"), `It will be signed in as ${me.name}.`);
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 401) {
      location.replace(`/?${new URLSearchParams({ next: location.pathname + location.search })}`);
      return;
    }
    throw error;
  }
  required("enter").addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(look);
  });
  required("approve").addEventListener("click", () => void attempt(() => decide(true)));
  required("deny").addEventListener("click", () => void attempt(() => decide(false)));
  field.value = given;
  if (given === "") {
    field.focus();
  } else {
    await attempt(look);
  }
}

async function look(): Promise<void> {
  const asking = await deviceAsking(field.value);
  describe(asking);
  show("asking");
  required("asking-title").focus();
}

async function decide(approve: boolean): Promise<void> {
  const asking = await decideDevice(field.value, approve);
  setText(required("done-title"), approve ? "It is in" : "It was sent away");
  setText(required("done-text"), approve ? `${asking.device} goes on by itself in a few seconds. You can close this page.` : `${asking.device} was not signed in.`);
  show("done");
  required("done-title").focus();
}

function describe(asking: DeviceAsking): void {
  setText(required("asking-code"), shown(field.value));
  setText(required("asking-device"), asking.device);
  setText(required("asking-address"), asking.address ?? "this machine");
  setText(required("asking-when"), ago(Date.now() - asking.askedAt_ms));
}

/** `bcdfhjkl` as the screen shows it: `BCDF-HJKL`. */
function shown(code: string): string {
  const letters = code.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

function ago(age_ms: number): string {
  const minutes = Math.floor(Math.max(0, age_ms) / 60_000);
  return minutes === 0 ? "less than a minute ago" : minutes === 1 ? "a minute ago" : `${minutes} minutes ago`;
}

function show(step: "enter" | "asking" | "done"): void {
  for (const id of ["enter", "asking", "done"]) {
    required(id).hidden = id !== step;
  }
}

main().catch(showProblem);
