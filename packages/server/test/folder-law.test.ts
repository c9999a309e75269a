import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openLocalBlobStore } from "@segany/server/blobs";
import { onTestFinished } from "vitest";
import { onBothDatabases } from "../../data-engine/src/testing/on-both-databases.js";
import { folderLaw } from "../src/testing/folder-law.js";

const main = fileURLToPath(new URL("folder-worker-main.mjs", import.meta.url));

onBothDatabases("a folder's embeddings", (open) => {
  folderLaw(async () => {
    const path = await mkdtemp(join(tmpdir(), "segany-folder-law-"));
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    const { location } = await open();
    return { main, location, files: () => ({ path }), blobs: await openLocalBlobStore({ path }) };
  });
});
