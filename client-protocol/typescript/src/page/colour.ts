/** Which ink is readable on a person's colour (WCAG relative luminance). Colours themselves are chosen by the server. */

const DARK = "#101215";
const LIGHT = "#ffffff";

/** `colour`: #rrggbb. */
export function inkOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  return luminance > 0.179 ? DARK : LIGHT;
}

/** Sets the two custom properties that marks of a person are drawn with. */
export function paintPerson(node: HTMLElement, colour: string): void {
  node.style.setProperty("--person", colour);
  node.style.setProperty("--person-ink", inkOn(colour));
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
