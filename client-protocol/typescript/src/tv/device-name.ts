/** What this screen calls itself to whoever lets it in. Only words for a person: nothing is decided by it. */

const MACHINES: readonly (readonly [RegExp, string])[] = [
  [/Tizen/, "a Samsung TV"],
  [/Web0S|webOS/, "an LG TV"],
  [/Android TV|AFT[A-Z]|GoogleTV|CrKey/, "an Android TV"],
  [/Xbox/, "an Xbox"],
  [/PlayStation/, "a PlayStation"],
  [/SMART-TV|SmartTV/i, "a smart TV"],
  [/iPad/, "an iPad"],
  [/iPhone/, "an iPhone"],
  [/Android/, "an Android device"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "a Mac"],
  [/CrOS/, "a Chromebook"],
  [/Linux/, "Linux"],
];
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];

export function deviceName(userAgent: string): string {
  const found = (names: readonly (readonly [RegExp, string])[]): string | undefined => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = found(BROWSERS);
  const machine = found(MACHINES);
  return ["TV page", browser === undefined ? "" : ` in ${browser}`, machine === undefined ? "" : ` on ${machine}`].join("");
}
