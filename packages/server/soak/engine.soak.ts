import { describe, test } from "vitest";
import { findPostgres, startPostgres } from "../../../scripts/testing/postgres.mjs";
import { openTeamApp } from "../src/testing/engine-app.js";
import { fuzzEngine } from "../src/testing/fuzz-engine.js";

const REQUESTS = 10_000;

test("ten thousand requests to the data engine are no fault of the server (SQLite)", async () => {
  const { app, team } = await openTeamApp();
  await fuzzEngine(app, team, REQUESTS);
});

describe.skipIf(!findPostgres())("with PostgreSQL", () => {
  test("ten thousand requests to the data engine are no fault of the server", async ({ onTestFinished }) => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    server.createDatabase("fuzz");
    const { app, team } = await openTeamApp({}, { url: server.url("fuzz") });
    await fuzzEngine(app, team, REQUESTS);
  });
});
