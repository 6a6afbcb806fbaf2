import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 60, skipComments: true, skipBlankLines: true }],
      "no-console": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      // Y.Text has a toString() of its own, which its declarations leave out.
      "@typescript-eslint/no-base-to-string": ["error", { ignoredTypeNames: ["YText"] }],
    },
  },
  {
    files: ["tests/**"],
    rules: {
      "max-lines-per-function": "off",
      // A wrong index fails the test at the next line, which is what a test is for.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-misused-spread": "off",
    },
  },
  {
    // The phone's and the TV's pages carry no CRDT: their bundles stay small and their state is plain JSON.
    files: ["src/review/**", "src/tv/**", "src/home/**", "src/people/**", "src/account/**", "src/project/**", "src/http/**", "src/page/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["yjs", "y-protocols/*", "@hocuspocus/*", "lib0/*"], message: "no CRDT outside the studio" }] },
      ],
    },
  },
);
