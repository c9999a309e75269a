import { readFileSync } from "node:fs";

const fixtures = new URL("../../../../fixtures/", import.meta.url);

/** Reads one of the project's own golden files. */
export function readFixture<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, fixtures), "utf8")) as T;
}
