/**
 * What a page says when it cannot start: not signed in, no such project, studio away.
 * It replaces the page's content and offers what can be done.
 */

import { HttpProblem } from "../http/client.ts";
import { element } from "./element.ts";

interface Notice {
  readonly title: string;
  readonly text: string;
  readonly signIn?: boolean;
}

export function showProblem(problem: unknown): void {
  const notice = noticeOf(problem);
  const again = element("button", { type: "button", className: notice.signIn ? "button" : "button primary" }, "Try again");
  again.addEventListener("click", () => { location.reload(); });
  const here = `/?${new URLSearchParams({ next: location.pathname })}`;
  const away = notice.signIn
    ? element("a", { href: here, className: "button primary" }, "Sign in")
    : element("a", { href: "/", className: "button" }, "All projects");
  document.title = `${notice.title} · StoryForge`;
  document.body.className = "notice-page";
  document.body.replaceChildren(
    element(
      "main",
      { className: "notice" },
      element("p", { className: "wordmark" }, "StoryForge"),
      element("h1", {}, notice.title),
      element("p", {}, notice.text),
      element("p", { className: "notice-actions" }, ...(notice.signIn ? [away, again] : [again, away])),
    ),
  );
}

function noticeOf(problem: unknown): Notice {
  if (!(problem instanceof HttpProblem)) {
    return { title: "This page could not start", text: "Something in it failed. Reloading usually helps." };
  }
  switch (problem.status) {
    case 401:
      return { title: "You are not signed in", text: "Sign in, and this page comes back.", signIn: true };
    case 403:
    case 404:
      if (problem.code === "wallet.missing") {
        return { title: "There is no such wallet", text: "It does not exist, or it is not yours to look into." };
      }
      return { title: "There is no such project", text: "It does not exist, or it has not been shared with you." };
    default:
      return { title: "The studio is away", text: problem.message };
  }
}

/** `prj_...` from the page's address, as in `/studio/prj_...`. */
export function projectInAddress(): string {
  const id = location.pathname.split("/").filter((part) => part !== "").at(-1) ?? "";
  if (!/^prj_[0-9a-z]{26}$/.test(id)) {
    throw new HttpProblem(404, "project.missing", "There is no such project.");
  }
  return id;
}
