/**
 * `npm run mutants`: changes the code in one place at a time, and says which changes no test beside it notices. Takes
 * an hour or more. One part of it: `npm run mutants -- --mutate packages/masks/src/rle.ts`.
 */
import { LIMITS } from "../testing/limits.mjs";

/** Pure code that results depend on. Code that draws, waits or talks to devices is tested in other ways. */
const PURE = [
  "packages/masks/src/**/*.ts",
  "packages/sam/src/{check-embedding,prediction-form,predictor,prompt}.ts",
  "packages/sam/src/model/{decoded-masks,prompt-batch}.ts",
  "packages/sam/src/mask-generator/{point-grid,settings}.ts",
  "packages/sam/src/proposals/{candidate,clean-masks,collect-candidates,crops,select-masks,selection}.ts",
  "packages/dataset/src/formats/{annotation-json,id-issuer,new-annotation,coco/coco,yolo/yolo}.ts",
  "packages/dataset/src/masks/segmentation.ts",
  "packages/evaluation/src/metrics/*.ts",
  "packages/server/src/jobs/*.ts",
];

export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "scripts/mutants/vitest.config.ts" },
  mutate: [...PURE, "!**/*.test.ts", "!**/testing/**", "!**/index.ts"],
  // The words of messages and descriptions are no behaviour.
  mutator: { excludedMutations: ["StringLiteral"] },
  // Constants of a module are made once, before mutants are switched: each would need a run of all tests.
  ignoreStatic: true,
  coverageAnalysis: "perTest",
  ignorePatterns: ["dist", "dist-types", "docs", "benchmarks", "outputs"],
  timeoutMS: LIMITS.mutantMs,
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: true },
  thresholds: { high: 95, low: 95, break: 95 },
  tempDirName: ".cache/mutants",
};
