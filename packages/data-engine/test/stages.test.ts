import { dirname } from "node:path";
import { it } from "vitest";
import { makeTemporaryFile } from "../src/testing/temporary-file.js";
import { killStageRounds } from "./kill-stage.js";

it("stage 3 that is killed three times labels each image once, and writes each once", async () => {
  const file = await makeTemporaryFile("engine.sqlite");
  await killStageRounds({ location: { file }, folder: dirname(file) }, 3);
});
