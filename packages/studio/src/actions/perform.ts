import { openImage } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";

/** Does what a command is for, if it is enabled now or will be soon. What goes wrong is told to the user. */
export async function performCommand(command: Command, studio: Studio): Promise<void> {
  if (!command.enabled(studio.getState()) && !(await isEnabledSoon(command, studio))) return;
  try {
    await command.perform(studio);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    studio.notify("error", `“${command.name}” did not work. ${reason}`);
  }
}

/** Waits for a command that will be enabled by itself. A step that the user takes meanwhile calls it off. */
async function isEnabledSoon({ enabled, soon }: Command, studio: Studio): Promise<boolean> {
  const before = stepsOf(studio.getState());
  const isWaiting = (state: StudioState) =>
    !enabled(state) && soon?.(state) === true && stepsOf(state) === before;
  if (!isWaiting(studio.getState())) return false;
  await new Promise<void>((resolve) => {
    const unsubscribe = studio.subscribe((state) => {
      if (isWaiting(state)) return;
      unsubscribe();
      resolve();
    });
  });
  const state = studio.getState();
  return enabled(state) && stepsOf(state) === before;
}

function stepsOf(state: StudioState): unknown {
  return openImage(state)?.history.past;
}
