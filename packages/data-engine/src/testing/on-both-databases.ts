import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { findPostgres, startPostgres } from "../../../../scripts/testing/postgres.mjs";
import type { Context } from "../context.js";
import { openStore, type Store, type StoreLocation } from "../store/open-store.js";
import { makeTemporaryFile } from "./temporary-file.js";

/** A store of its own for each test, and a clock that the test sets. */
export type OpenTestStore = () => Promise<
  Context & { readonly store: Store; readonly location: StoreLocation; readonly clock: { now: number } }
>;

/** Monday, 2026-06-01, 00:00 UTC. */
export const START = Date.UTC(2026, 5, 1);

const TEMPLATE = "migrated";

/** Runs the same tests on both databases; where PostgreSQL is missing, the run's last lines say so. */
export function onBothDatabases(name: string, tests: (open: OpenTestStore) => void): void {
  describe(`${name} (SQLite)`, () =>
    tests(testStores(async () => ({ file: await makeTemporaryFile("db.sqlite") }))));
  onPostgres(`${name} (PostgreSQL)`, tests);
}

/** Runs tests on PostgreSQL. */
export function onPostgres(name: string, tests: (open: OpenTestStore) => void): void {
  describe.skipIf(!findPostgres())(name, () => {
    let server: Awaited<ReturnType<typeof startPostgres>>;
    let databases = 0;
    beforeAll(async () => {
      server = await startPostgres();
      // To copy a migrated database is faster than to migrate each.
      server.createDatabase(TEMPLATE);
      await (await openStore({ url: server.url(TEMPLATE) })).close();
    });
    afterAll(() => server?.stop());
    tests(
      testStores(async () => {
        const database = `test_${databases++}`;
        server.createDatabase(database, TEMPLATE);
        return { url: server.url(database) };
      }),
    );
  });
}

function testStores(locate: () => Promise<StoreLocation>): OpenTestStore {
  const opened: Store[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  return async () => {
    const location = await locate();
    const store = await openStore(location);
    opened.push(store);
    const clock = { now: START };
    return { store, location, db: store.db, clock, now: () => clock.now };
  };
}
