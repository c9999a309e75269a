/** Entry point of a process that trains a model version or labels images; see model-process.ts. */
import { type Context, DataEngineError, isLasting, openDataEngine } from "@segany/data-engine";
import { runStage, trainVersion } from "@segany/data-engine/loop";
import { messageOf, serve } from "@segany/runtime";
import { parentChannel } from "@segany/runtime/processes";
import { createImageReader } from "../image-library.js";
import type { ModelMethods, ModelPlace } from "./model-process.js";

serve<ModelMethods>(
  parentChannel(),
  {
    train: ({ location, version, attempt, ...place }, run) =>
      withEngine(location, (context) =>
        trainVersion(context, version, {
          ...place,
          ...run,
          attempt,
          readImage: createImageReader(place.folder),
        }),
      ),
    label: ({ location, run: id, ...place }, run) =>
      withEngine(location, (context) =>
        runStage(context, id, { ...place, ...run, readImage: createImageReader(place.folder) }),
      ),
  },
  { errorOf },
);

async function withEngine<T>(
  location: ModelPlace["location"],
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const engine = await openDataEngine(location);
  try {
    return await work(engine.context);
  } finally {
    await engine.close();
  }
}

/** An error that lasts stays one on the way to the server, where its class is not loaded. */
function errorOf(error: unknown): Error {
  if (error instanceof DataEngineError) return error;
  const cause = { cause: error };
  return isLasting(error)
    ? new DataEngineError("invalid", messageOf(error), cause)
    : new Error(messageOf(error), cause);
}
