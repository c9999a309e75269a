import { Command, CommanderError } from "commander";
import { EXIT_INTERRUPTED, errorLine, exitStatus } from "./cli-error.js";
import { cacheCommand } from "./commands/cache.js";
import { datasetCommand } from "./commands/dataset.js";
import { embedCommand } from "./commands/embed.js";
import { evalCommand } from "./commands/eval.js";
import { exportCommand } from "./commands/export.js";
import { modelsCommand } from "./commands/models.js";
import { predictCommand } from "./commands/predict.js";
import { segmentCommand } from "./commands/segment.js";
import { interruption } from "./interruption.js";
import { version } from "./version.js";

const program = new Command("segany")
  .description("Segment Anything: masks for everything in a picture, or for what you point at.")
  .version(version)
  .showHelpAfterError("(add --help for what is possible)")
  .enablePositionalOptions()
  .exitOverride();

for (const command of [
  segmentCommand,
  predictCommand,
  embedCommand,
  evalCommand,
  exportCommand,
  datasetCommand,
  modelsCommand,
  cacheCommand,
]) {
  program.addCommand(withSettingsOf(program, command()));
}

/** Makes a command and those below it report errors as the program does; commander doesn't for commands made apart. */
function withSettingsOf(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) withSettingsOf(command, child);
  return command;
}

try {
  await program.parseAsync();
  if (interruption.aborted) process.exitCode = EXIT_INTERRUPTED;
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has printed the reason itself
  } else {
    console.error(interruption.aborted ? "segany: interrupted" : errorLine(error));
    process.exitCode = interruption.aborted ? EXIT_INTERRUPTED : exitStatus(error);
  }
}
