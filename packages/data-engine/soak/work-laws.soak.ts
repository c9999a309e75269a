import { fileURLToPath } from "node:url";
import { it } from "vitest";
import { killWorkerRounds } from "../src/testing/kill-rounds.js";
import { onBothDatabases } from "../src/testing/on-both-databases.js";

const main = fileURLToPath(new URL("../test/worker-main.mjs", import.meta.url));

onBothDatabases("work of the machine", (open) => {
  it("is finished once although its workers are killed fifty times", async () => {
    const { location } = await open();
    await killWorkerRounds({ main, location }, 50);
  });
});
