import { defineConfig } from "vitest/config";
import { common } from "../../vitest.config.js";

/** Tests beside the code, without those that count how often code is run: it is another in a mutant. */
export default defineConfig({
  test: {
    ...common,
    include: ["packages/*/src/**/*.test.ts"],
    exclude: [...common.exclude, "**/kernel-work.test.ts"],
  },
});
