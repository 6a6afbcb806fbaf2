/**
 * Making DOM nodes in one expression, and keeping a list of them in order without disturbing the one in use.
 * No templates and no markup text: content is always text nodes.
 */

type Properties<K extends keyof HTMLElementTagNameMap> = Partial<Omit<HTMLElementTagNameMap[K], "style" | "dataset">>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<K> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** The page's own element of that id; its absence is a mistake of ours. */
export function required(id: string): HTMLElement {
  const node = document.getElementById(id);
  if (node === null) {
    throw new Error(`the page has no #${id}`);
  }
  return node;
}

/** Writes only what differs, so that screen readers and selections are left in peace. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

export function setAttribute(node: Element, name: string, value: string | null): void {
  if (value === null) {
    node.removeAttribute(name);
  } else if (node.getAttribute(name) !== value) {
    node.setAttribute(name, value);
  }
}

/** An icon from the page's own sprite: strokes in the current colour. */
export function icon(paths: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", paths);
  svg.append(path);
  return svg;
}

/** Children of `container` become exactly `nodes`. The one that has the focus is never moved: the others go round it. */
export function arrange(container: Element, nodes: readonly Element[]): void {
  for (const child of [...container.children]) {
    if (!nodes.includes(child)) {
      child.remove();
    }
  }
  const found = nodes.findIndex((node) => node.contains(document.activeElement) && node.parentElement === container);
  const pivot = Math.max(0, found);
  const anchor = nodes[pivot];
  if (anchor === undefined) {
    return;
  }
  if (anchor.parentElement !== container) {
    container.append(anchor);
  }
  let after = anchor;
  for (const node of nodes.slice(0, pivot).reverse()) {
    if (node.nextElementSibling !== after) {
      container.insertBefore(node, after);
    }
    after = node;
  }
  let before = anchor;
  for (const node of nodes.slice(pivot + 1)) {
    if (before.nextElementSibling !== node) {
      before.after(node);
    }
    before = node;
  }
}
