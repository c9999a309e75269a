import type { Studio } from "../studio.js";
import type { Command } from "./command.js";

/** Does what a command is for, if it is enabled now. What goes wrong is told to the user. */
export async function performCommand(command: Command, studio: Studio): Promise<void> {
  if (!command.enabled(studio.getState())) return;
  try {
    await command.perform(studio);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    studio.notify("error", `“${command.name}” did not work. ${reason}`);
  }
}
