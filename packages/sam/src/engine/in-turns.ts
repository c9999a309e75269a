import { nextTurn } from "../proposals/propose-crop.js";
import { ENGINE_METHODS, type EngineMethodName, eachEngineMethod, engineMethod } from "./methods.js";
import { createTurns } from "./turns.js";
import type { Engine, EngineCallOptions } from "./types.js";

const NEVER = new AbortController().signal;

/**
 * Lets calls of an engine in this process take turns: prompts and images that come during a search are
 * answered after the step under way, and what waits for these answers goes on before the search does.
 */
export function inTurns(engine: Engine): Engine {
  const turns = createTurns(nextTurn);

  function call(name: EngineMethodName, request: unknown, options: EngineCallOptions = {}): Promise<unknown> {
    const run = (pause?: () => Promise<void>) => engineMethod(engine, name)(request, { ...options, pause });
    const { turn } = ENGINE_METHODS[name];
    return turn === "none" ? run() : turns[turn](options.signal ?? NEVER, run);
  }

  return { ...eachEngineMethod(call), model: engine.model, close: () => engine.close() };
}
