import { it } from "vitest";
import { killRounds } from "./kill-rounds.js";
import { createWorkplace } from "./server-process.js";

const workplace = createWorkplace();

it("after being killed in the middle of uploads and jobs, it serves what it had acknowledged and no half file", async () => {
  await killRounds(workplace, workplace.folder("data"), 3);
});
