import { Command, CommanderError } from "commander";
import { exitStatus, printError } from "./cli-error.js";
import { interruption, interruptionStatus, tellInterrupted } from "./interruption.js";
import { commanderOutput, printNote } from "./terminal/print.js";
import { version } from "./version.js";

/** Loads a command's file and returns the function that builds the command. */
type LoadCommand = () => Promise<() => Command>;

/** Commands by name. */
export type Commands = Readonly<Record<string, LoadCommand>>;

/** Runs the command that the arguments of this process name, and sets the exit status. */
export async function runProgram(commands: Commands): Promise<void> {
  const loaded: Command[] = [];
  for (const load of commandsFor(process.argv.slice(2), commands)) loaded.push((await load())());
  reportFromAnywhere();
  await runCommand(createProgram(loaded), process.argv.slice(2));
}

/** The program with these commands. */
export function createProgram(commands: readonly Command[]): Command {
  const program = new Command("segany")
    .description("Segment Anything: masks for everything in an image, or for the object you point at.")
    .version(version)
    .showHelpAfterError("(add --help for more information)")
    .enablePositionalOptions()
    .configureOutput(commanderOutput)
    .exitOverride();
  for (const command of commands) program.addCommand(withSettingsOf(program, command));
  return program;
}

/** Runs the command that arguments name, and sets the exit status. */
export async function runCommand(program: Command, args: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(args, { from: "user" });
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
}

/** The named command; all commands for the help, and for an unknown name. */
function commandsFor(args: readonly string[], commands: Commands): readonly LoadCommand[] {
  const name = args.find((argument) => !argument.startsWith("-"));
  if (name === undefined && args.some((argument) => argument === "--version" || argument === "-V")) return [];
  return name !== undefined && Object.hasOwn(commands, name) ? [commands[name]!] : Object.values(commands);
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

/** Prints warnings and errors that no call waits for. Node would not escape the names in them. */
function reportFromAnywhere(): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => printNote(`segany: ${name}: ${message}`));
  process.on("uncaughtException", (error) => {
    printError(error);
    process.exit(exitStatus(error));
  });
}
