/** Which models made a scene's last generation, under its picture: every decision with who was passed over and why. */

import { listRoutes } from "../http/client.ts";
import type { RouteView } from "../http/route.ts";
import { element } from "../page/element.ts";
import { nameOfStep } from "../page/stages.ts";
import { RunDetails } from "./run-details.ts";

export function routes(): RunDetails<RouteView> {
  return new RunDetails({
    className: "routes",
    title: "Which models, and why",
    nothing: "Made on the studio's own machines: no model was chosen.",
    unread: "The decisions could not be read.",
    ask: listRoutes,
    draw: drawn,
  });
}

function drawn(route: RouteView): HTMLElement {
  const head = element("p", { className: "route-head" }, stepName(route));
  const node = element("li", { className: "route" }, head, element("p", {}, route.sentence));
  const came = cameOf(route);
  if (came !== "") {
    node.append(element("p", { className: "route-came" }, came));
  }
  if (route.others.length > 0) {
    const others = route.others.map((each) => {
      const item = element("li", {}, each.sentence);
      item.dataset["reason"] = each.reason;
      return item;
    });
    const summary = element("summary", {}, `${route.others.length} passed over`);
    node.append(element("details", { className: "route-others" }, summary, element("ul", {}, ...others)));
  }
  return node;
}

/** `shot.1` of the second turn is "Shot 1, try 2". */
export function stepName(route: Pick<RouteView, "step" | "turn">): string {
  const name = nameOfStep(route.step);
  return route.turn === 1 ? name : `${name}, try ${route.turn}`;
}

export function cameOf(route: Pick<RouteView, "failed" | "tookSeconds">): string {
  if (route.failed) {
    return "It failed.";
  }
  return route.tookSeconds === null ? "" : `It took ${Math.max(1, Math.round(route.tookSeconds))} s.`;
}
