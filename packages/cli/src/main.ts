import { Command, CommanderError } from "commander";
import { exitStatus, printError } from "./cli-error.js";
import { interruption, interruptionStatus, tellInterrupted } from "./interruption.js";
import { commanderOutput, printNote } from "./terminal/print.js";
import { version } from "./version.js";

/** Only the command that is asked for is loaded: others bring libraries that take longer than a prediction. */
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
  .description("Segment Anything: masks for everything in a picture, or for what you point at.")
  .version(version)
  .showHelpAfterError("(add --help for what is possible)")
  .enablePositionalOptions()
  .configureOutput(commanderOutput)
  .exitOverride();

for (const load of commandsFor(process.argv.slice(2))) {
  program.addCommand(withSettingsOf(program, (await load())()));
}

/** The command that is named; all of them for the help, and for what is none. */
function commandsFor(args: readonly string[]): readonly (() => Promise<() => Command>)[] {
  const name = args.find((argument) => !argument.startsWith("-"));
  if (name === undefined && args.some((argument) => argument === "--version" || argument === "-V")) return [];
  return name !== undefined && Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS);
}

/** Makes a command and those below it report errors as the program does; commander doesn't for commands made apart. */
function withSettingsOf(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) withSettingsOf(command, child);
  return command;
}

// Node would print warnings itself, with whatever names they hold.
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
    process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has printed the reason itself
  } else if (interruption.aborted) tellInterrupted();
  else {
    printError(error);
    process.exitCode = exitStatus(error);
  }
}
if (interruption.aborted) process.exitCode = interruptionStatus();
