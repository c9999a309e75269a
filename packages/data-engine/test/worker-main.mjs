/** The engine in the database itself, for the laws of work. */
import * as library from "@segany/data-engine";
import { runLawsWorker } from "../src/testing/laws-worker.mjs";

await runLawsWorker(library, (queue) => ({ queue, close: async () => undefined }));
