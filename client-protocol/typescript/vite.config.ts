import { defineConfig } from "vitest/config";

export default defineConfig({
  appType: "mpa",
  build: {
    target: "es2022",
    // The pages' policy allows files of our own origin only: nothing is inlined as a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "studio.html", "review.html", "tv.html", "device.html", "share.html", "join.html", "people.html", "account.html", "project.html", "credits.html"] },
  },
  // Tests against a running hub are started by those who run one.
  test: { include: [process.env["STORYFORGE_LIVE"] === "1" ? "tests/live/*.live.ts" : "tests/**/*.test.ts"], environment: "node" },
});
