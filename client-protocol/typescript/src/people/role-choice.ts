/** A choice of somebody's role that takes effect at once; refused, it shows the old one again. */

import { select } from "../page/fields.ts";

export function roleChoice<R extends string>(roles: readonly R[], role: R, label: string, change: (role: R) => Promise<boolean>): HTMLSelectElement {
  const node = select(roles.map((each) => [each, each]), role);
  node.ariaLabel = label;
  node.addEventListener("change", () => {
    const wanted = roles.find((each) => each === node.value) ?? role;
    void change(wanted).then((done) => {
      if (!done) {
        node.value = role;
      }
    });
  });
  return node;
}
