import { defineConfig } from "vitest/config";
import { ClosingLine } from "./scripts/closing-line.mjs";

const exclude = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  test: {
    reporters: ["default", new ClosingLine()],
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.mjs"],
          exclude,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "integration",
          include: ["packages/*/test/**/*.test.ts"],
          exclude,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      ...(process.env.SEGANY_SOAK === "1"
        ? [
            {
              test: {
                name: "soak",
                include: ["packages/*/soak/**/*.soak.ts"],
                exclude,
                testTimeout: 3_600_000,
                hookTimeout: 600_000,
              },
            },
          ]
        : []),
    ],
    maxWorkers: 2,
  },
});
