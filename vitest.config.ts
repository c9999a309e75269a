import { defineConfig } from "vitest/config";
import { ClosingLine } from "./scripts/closing-line.mjs";
import { LIMITS } from "./scripts/testing/limits.mjs";

/** What projects have in common. */
export const common = {
  exclude: ["**/node_modules/**", "**/dist/**"],
  testTimeout: LIMITS.testMs,
  env: {
    SEGANY_PACK: "0", // its processes would outlive the tests, and the folders that these remove
    SEGANY_THREADS: "1", // workers share the machine: threads of several models wait for each other, spinning
  },
  hookTimeout: LIMITS.testMs,
  expect: { poll: { timeout: LIMITS.eventMs } },
};

export default defineConfig({
  test: {
    reporters: ["default", new ClosingLine()],
    projects: [
      {
        test: {
          ...common,
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.mjs"],
          exclude: [...common.exclude, "scripts/{packages,nodes}/**"],
        },
      },
      {
        test: {
          ...common,
          name: "integration",
          include: ["packages/*/test/**/*.test.ts", "scripts/{packages,nodes}/*.test.mjs"],
        },
      },
      {
        test: {
          ...common,
          name: "installed",
          include: ["scripts/packages/installed/*.test.mjs"],
          globalSetup: "scripts/packages/installed/set-up.mjs",
        },
      },
      ...(process.env.SEGANY_SOAK === "1"
        ? [
            {
              test: {
                ...common,
                name: "soak",
                include: ["packages/*/soak/**/*.soak.ts"],
                testTimeout: LIMITS.soakMs,
              },
            },
          ]
        : []),
    ],
    maxWorkers: 3, // on two cores: tests also wait, for browsers, disks and clocks
  },
});
