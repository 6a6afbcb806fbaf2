/** Comes in by a share link: as who is signed in, or as a guest with a name. What the link allows the studio says. */

import "../styles/base.css";
import "../styles/door.css";

import { HttpProblem, whoAmI } from "../http/client.ts";
import { lookAtShare, openShare, type Share } from "../http/sharing.ts";
import { required, setText } from "../page/element.ts";
import { oneAtATime } from "../page/form.ts";
import { showProblem } from "../page/problem.ts";
import { secretInAddress } from "../page/secret.ts";

const name = required("name") as HTMLInputElement;
const password = required("password") as HTMLInputElement;

async function main(): Promise<void> {
  const token = secretInAddress("share");
  const attempt = oneAtATime((problem) => {
    if (problem.code === "share.password") {
      password.select();
    }
  });
  await attempt(async () => {
    show(await lookAtShare(token), await signedInAs());
  });
  required("open").addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(async () => {
      location.replace(`/review/${await openShare(token, name.value, password.value)}`);
    });
  });
}

async function signedInAs(): Promise<string | null> {
  try {
    return (await whoAmI()).name;
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 401) {
      return null;
    }
    throw error;
  }
}

function show(share: Share, me: string | null): void {
  document.title = `${share.title} · StoryForge`;
  setText(required("label"), share.label === "" ? "Shared with you" : share.label);
  setText(required("title"), share.title);
  setText(required("about"), `${allowed(share)}${me === null ? "" : ` You come in as ${me}.`}`);
  required("name-field").hidden = me !== null;
  name.required = me === null;
  required("password-field").hidden = !share.needsPassword;
  password.required = share.needsPassword;
  required("open").hidden = false;
  (me === null ? name : password).focus();
}

function allowed(share: Share): string {
  const more = [...(share.comment ? ["comment"] : []), ...(share.download ? ["download"] : []), ...(share.approve ? ["approve"] : [])];
  const last = more.pop();
  return last === undefined ? "You can watch it." : `You can watch it${more.map((each) => `, ${each}`).join("")} and ${last}.`;
}

main().catch(showProblem);
