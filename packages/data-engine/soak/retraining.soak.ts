import { dirname } from "node:path";
import { it } from "vitest";
import { onBothDatabases } from "../src/testing/on-both-databases.js";
import { makeTemporaryFile } from "../src/testing/temporary-file.js";
import { killRetrainingRounds } from "../test/kill-retraining.js";

onBothDatabases("a training", (open) => {
  it("that is killed twenty times ends with the weights of one that was not", async () => {
    const { location } = await open();
    const folder = dirname(await makeTemporaryFile("x"));
    await killRetrainingRounds({ location, folder }, 20);
  });
});
