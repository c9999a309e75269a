import { modelCommands } from "./model-commands.js";
import { runProgram } from "./run-program.js";

/**
 * Only the requested command is loaded: others import libraries that take longer to load than a prediction.
 */
await runProgram({
  ...modelCommands,
  eval: async () => (await import("./commands/eval.js")).evalCommand,
  train: async () => (await import("./commands/train.js")).trainCommand,
  serve: async () => (await import("./commands/serve.js")).serveCommand,
  worker: async () => (await import("./commands/worker.js")).workerCommand,
  engine: async () => (await import("./commands/engine.js")).engineCommand,
  export: async () => (await import("./commands/export.js")).exportCommand,
  dataset: async () => (await import("./commands/dataset.js")).datasetCommand,
  models: async () => (await import("./commands/models.js")).modelsCommand,
  bench: async () => (await import("./commands/bench.js")).benchCommand,
  doctor: async () => (await import("./commands/doctor.js")).doctorCommand,
  cache: async () => (await import("./commands/cache.js")).cacheCommand,
});
