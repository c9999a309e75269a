import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A path in a folder that is removed after the test. */
export async function makeTemporaryFile(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "segany-engine-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, name);
}
