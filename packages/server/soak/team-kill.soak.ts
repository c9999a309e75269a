import { join } from "node:path";
import { ENGINE_FILE } from "@segany/server";
import { describe, test } from "vitest";
import { findPostgres, startPostgres } from "../../../scripts/testing/postgres.mjs";
import { createWorkplace } from "../test/server-process.js";
import { type KillFigures, killTeamRounds } from "../test/team-kill-rounds.js";

const ROUNDS = 50;
const workplace = createWorkplace();

test("killed fifty times while a team labels, it loses nothing and does nothing twice (SQLite)", async () => {
  const directory = workplace.folder("sqlite");
  report(await killTeamRounds(workplace, directory, { file: join(directory, ENGINE_FILE) }, ROUNDS));
});

describe.skipIf(!findPostgres())("with PostgreSQL", () => {
  test("killed fifty times while a team labels, it loses nothing and does nothing twice", async ({
    onTestFinished,
  }) => {
    const server = await startPostgres({ durable: true });
    onTestFinished(() => server.stop());
    server.createDatabase("kill");
    report(
      await killTeamRounds(workplace, workplace.folder("postgres"), { url: server.url("kill") }, ROUNDS),
    );
  });
});

/** For `docs/results.md`. */
function report({ readyMs, changes, works, attempts }: KillFigures): void {
  const sorted = readyMs.map(Math.round).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  console.info(
    `${changes} acknowledged changes, ${works} works of the machine in ${attempts} attempts; ready after ${at(0.5)} ms (median), ` +
      `${at(0.95)} ms (95 of 100), ${at(1)} ms (most)`,
  );
}
