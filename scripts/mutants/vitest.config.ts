import { defineConfig } from "vitest/config";
import { common } from "../../vitest.config.js";

/**
 * Tests beside the code of one package: other packages import what is built, which has no mutants. Without
 * those that count how often code is run: it is another in a mutant.
 */
export default defineConfig({
  test: {
    ...common,
    include: [`packages/${process.env.SEGANY_MUTANTS_PACKAGE ?? "*"}/src/**/*.test.ts`],
    exclude: [...common.exclude, "**/kernel-work.test.ts"],
  },
});
