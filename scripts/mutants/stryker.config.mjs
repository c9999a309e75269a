/** Options of Stryker; run.mjs adds what to mutate. */
import { LIMITS } from "../testing/limits.mjs";

export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "scripts/mutants/vitest.config.ts" },
  // The words of messages and descriptions are no behaviour.
  mutator: { excludedMutations: ["StringLiteral"] },
  // Constants of a module are made once, before mutants are switched: each would need a run of all tests.
  ignoreStatic: true,
  coverageAnalysis: "perTest",
  ignorePatterns: [".cache", "dist", "dist-types", "docs", "benchmarks", "outputs"],
  // Vitest checks no types, and switching their check off rewrites every file.
  disableTypeChecks: false,
  timeoutMS: LIMITS.mutantMs,
  dryRunTimeoutMinutes: LIMITS.soakMs / 60_000,
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: true },
  tempDirName: ".cache/mutants",
};
