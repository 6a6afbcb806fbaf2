import { expect, test } from "vitest";

import { deviceName } from "../src/tv/device-name.ts";

test.each([
  ["Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) 94.0.4606.31/7.0 TV Safari/537.36", "TV page in Safari on a Samsung TV"],
  ["Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.5359.211 Safari/537.36", "TV page in Chrome on an LG TV"],
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "TV page in Chrome on Linux"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "TV page in Edge on Windows"],
  ["curl/8", "TV page"],
])("%s", (userAgent, name) => {
  expect(deviceName(userAgent)).toBe(name);
  expect(deviceName(userAgent).length).toBeLessThanOrEqual(60);
});
