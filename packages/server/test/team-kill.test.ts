import { join } from "node:path";
import { ENGINE_FILE } from "@segany/server";
import { describe, it } from "vitest";
import { findPostgres, startPostgres } from "../../../scripts/testing/postgres.mjs";
import { createWorkplace } from "./server-process.js";
import { killTeamRounds } from "./team-kill-rounds.js";

const workplace = createWorkplace();

it("loses nothing of a team's work when it is killed, and does nothing twice (SQLite)", async () => {
  const directory = workplace.folder("sqlite");
  await killTeamRounds(workplace, directory, { file: join(directory, ENGINE_FILE) }, 3);
});

describe.skipIf(!findPostgres())("with PostgreSQL", () => {
  it("loses nothing of a team's work when it is killed, and does nothing twice", async ({
    onTestFinished,
  }) => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    server.createDatabase("kill");
    await killTeamRounds(workplace, workplace.folder("postgres"), { url: server.url("kill") }, 2);
  });
});
