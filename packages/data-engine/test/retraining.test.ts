import { dirname } from "node:path";
import { it } from "vitest";
import { makeTemporaryFile } from "../src/testing/temporary-file.js";
import { killRetrainingRounds } from "./kill-retraining.js";

it("a training that is killed three times ends with the weights of one that was not", async () => {
  const file = await makeTemporaryFile("engine.sqlite");
  await killRetrainingRounds({ location: { file }, folder: dirname(file) }, 3);
});
