/** The engine in the database itself, for the law of what is resumed. */
import { openLocalBlobStore } from "@segany/server/blobs";
import { runFolderWorker } from "../src/testing/folder-worker.mjs";

await runFolderWorker((queue) => ({ queue, close: async () => undefined }), openLocalBlobStore);
