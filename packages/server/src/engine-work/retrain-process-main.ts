/** Entry point of a process that trains a model version; see retrain-process.ts. */
import { DataEngineError, openDataEngine, workError } from "@segany/data-engine";
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

/** Errors that another attempt can't help keep their code. */
function errorOf(thrown: unknown): Error {
  const error = workError(thrown);
  return error instanceof DataEngineError ? error : new Error(messageOf(error), { cause: error });
}
