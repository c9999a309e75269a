import { afterAll, beforeAll, describe, test } from "vitest";
import { findPostgres, startPostgres } from "../../../../scripts/testing/postgres.mjs";
import { openTeamApp } from "../testing/engine-app.js";
import { fuzzEngine } from "../testing/fuzz-engine.js";

/** Ten thousand on each database are sent by `npm run soak`. */
const REQUESTS = 300;

test("no request to the data engine is a fault of the server (SQLite)", async () => {
  const { app, team } = await openTeamApp();
  await fuzzEngine(app, team, REQUESTS);
});

describe.skipIf(!findPostgres())("with PostgreSQL", () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  test("no request to the data engine is a fault of the server", async () => {
    server.createDatabase("fuzz");
    const { app, team } = await openTeamApp({}, { url: server.url("fuzz") });
    await fuzzEngine(app, team, REQUESTS);
  });
});
