import { dirname } from "node:path";
import { it } from "vitest";
import { onBothDatabases } from "../src/testing/on-both-databases.js";
import { makeTemporaryFile } from "../src/testing/temporary-file.js";
import { killRetrainingRounds } from "../test/kill-retraining.js";
import { killStageRounds } from "../test/kill-stage.js";

onBothDatabases("the loop", (open) => {
  it("a training that is killed twenty times ends with the weights of one that was not", async () => {
    const { location } = await open();
    const folder = dirname(await makeTemporaryFile("x"));
    await killRetrainingRounds({ location, folder }, 20);
  });

  it("stage 3 that is killed twenty times labels each image once", async () => {
    const { location } = await open();
    const folder = dirname(await makeTemporaryFile("x"));
    await killStageRounds({ location, folder }, 20);
  });
});
