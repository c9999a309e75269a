import { it } from "vitest";
import { onBothDatabases } from "../src/testing/on-both-databases.js";
import { killWorkerRounds } from "../test/kill-rounds.js";

onBothDatabases("work of the machine", (open) => {
  it("is finished once although its workers are killed fifty times", async () => {
    const { location } = await open();
    await killWorkerRounds(location, 50);
  });
});
