/** An invitation: what it is to, and accepting or declining it, with the account that has its address or a new one. */

import "../styles/base.css";
import "../styles/door.css";

import { acceptInvitation, declineInvitation, lookAtInvitation, type Offer } from "../http/sharing.ts";
import { required, setText } from "../page/element.ts";
import { oneAtATime } from "../page/form.ts";
import { showProblem } from "../page/problem.ts";
import { secretInAddress } from "../page/secret.ts";

const name = required("name") as HTMLInputElement;

async function main(): Promise<void> {
  const token = secretInAddress("invitation");
  const attempt = oneAtATime((problem) => {
    if (problem.status === 401) {
      location.assign(`/?${new URLSearchParams({ next: location.pathname })}`); // and back, when signed in
    }
  });
  await attempt(async () => { show(await lookAtInvitation(token)); });
  required("accept").addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(async () => {
      const project = await acceptInvitation(token, name.required ? name.value : null);
      location.replace(project === null ? "/" : `/studio/${project}`);
    });
  });
  required("decline").addEventListener("click", () => void attempt(async () => {
    await declineInvitation(token);
    required("accept").hidden = true;
    required("done").hidden = false;
    setText(required("done-title"), "Declined");
    setText(required("done-text"), "Nobody is told more than that. You can close this page.");
    required("done-title").focus();
  }));
}

function show(offer: Offer): void {
  document.title = `${offer.to} · StoryForge`;
  setText(required("kicker"), `${offer.inviter} invites you to the ${offer.isTeam ? "team" : "project"}`);
  setText(required("title"), offer.to);
  setText(required("about"), offer.hasAccount ? `As ${offer.role}, with the account of ${offer.email}.` : `As ${offer.role}. Accepting makes an account for ${offer.email}.`);
  required("name-field").hidden = offer.hasAccount;
  name.required = !offer.hasAccount;
  required("accept").hidden = false;
  if (name.required) {
    name.focus();
  }
}

main().catch(showProblem);
