import type { Commands } from "./run-program.js";

/** The commands that run a model on images: those of the bundle (`model-main.ts`). */
export const modelCommands: Commands = {
  segment: async () => (await import("./commands/segment.js")).segmentCommand,
  predict: async () => (await import("./commands/predict.js")).predictCommand,
  embed: async () => (await import("./commands/embed.js")).embedCommand,
};
