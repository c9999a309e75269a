import { Command, CommanderError } from "commander";
import { exitStatus, printError } from "./cli-error.js";
import { interruption, interruptionStatus, tellInterrupted } from "./interruption.js";
import { commanderOutput, printNote } from "./terminal/print.js";
import { version } from "./version.js";

/**
 * Commands by name. Only the requested one is loaded: others import libraries that take longer to load than a
 * prediction.
 */
const COMMANDS: Readonly<Record<string, () => Promise<() => Command>>> = {
  segment: async () => (await import("./commands/segment.js")).segmentCommand,
  predict: async () => (await import("./commands/predict.js")).predictCommand,
  embed: async () => (await import("./commands/embed.js")).embedCommand,
  eval: async () => (await import("./commands/eval.js")).evalCommand,
  serve: async () => (await import("./commands/serve.js")).serveCommand,
  export: async () => (await import("./commands/export.js")).exportCommand,
  dataset: async () => (await import("./commands/dataset.js")).datasetCommand,
  models: async () => (await import("./commands/models.js")).modelsCommand,
  bench: async () => (await import("./commands/bench.js")).benchCommand,
  doctor: async () => (await import("./commands/doctor.js")).doctorCommand,
  cache: async () => (await import("./commands/cache.js")).cacheCommand,
};

const program = new Command("segany")
  .description("Segment Anything: masks for everything in an image, or for the object you point at.")
  .version(version)
  .showHelpAfterError("(add --help for more information)")
  .enablePositionalOptions()
  .configureOutput(commanderOutput)
  .exitOverride();

for (const load of commandsFor(process.argv.slice(2))) {
  program.addCommand(withSettingsOf(program, (await load())()));
}

/** The named command; all commands for the help, and for an unknown name. */
function commandsFor(args: readonly string[]): readonly (() => Promise<() => Command>)[] {
  const name = args.find((argument) => !argument.startsWith("-"));
  if (name === undefined && args.some((argument) => argument === "--version" || argument === "-V")) return [];
  return name !== undefined && Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS);
}

/**
 * Makes a command and its sub-commands report errors as the program does; commander does not do so for
 * commands that are created separately.
 */
function withSettingsOf(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) withSettingsOf(command, child);
  return command;
}

// Node would print warnings itself, without escaping names in them.
process.removeAllListeners("warning");
process.on("warning", ({ name, message }) => printNote(`segany: ${name}: ${message}`));
process.on("uncaughtException", (error) => {
  printError(error);
  process.exit(exitStatus(error));
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has printed the reason
  } else if (interruption.aborted) tellInterrupted();
  else {
    printError(error);
    process.exitCode = exitStatus(error);
  }
}
if (interruption.aborted) process.exitCode = interruptionStatus();
