/** Entry point of a process that trains a model version; see retrain-process.ts. */
import { DataEngineError, isLasting, openDataEngine } from "@segany/data-engine";
import { trainVersion } from "@segany/data-engine/loop";
import { messageOf, serve } from "@segany/runtime";
import { parentChannel } from "@segany/runtime/processes";
import { createImageReader } from "../image-library.js";
import type { RetrainMethods } from "./retrain-process.js";

serve<RetrainMethods>(
  parentChannel(),
  {
    async train({ location, version, ...task }, { signal, onProgress }) {
      const engine = await openDataEngine(location);
      try {
        const readImage = createImageReader(task.folder);
        return await trainVersion(engine.context, version, { ...task, readImage, signal, onProgress });
      } finally {
        await engine.close();
      }
    },
  },
  { errorOf },
);

/** An error that lasts stays one on the way to the server, where its class is not loaded. */
function errorOf(error: unknown): Error {
  if (error instanceof DataEngineError) return error;
  const cause = { cause: error };
  return isLasting(error)
    ? new DataEngineError("invalid", messageOf(error), cause)
    : new Error(messageOf(error), cause);
}
