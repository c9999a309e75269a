/** All masks of the image at once. */

import { CopyPlus, Play, SquarePlus, Type, X } from "lucide-react";
import { addClasses } from "../state/classes.js";
import { addObjects } from "../state/edits.js";
import { foundMasks, newObjectOfFound, withoutKept } from "../state/found-masks.js";
import { isReady } from "../state/selectors.js";
import type { Everything, FoundMask, StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import { formatNumberOf } from "../text.js";
import type { Command } from "./command.js";

export const findAll: Command = {
  id: "everything.find",
  name: "Find all masks",
  group: "Everything",
  icon: Play,
  shortcut: "Shift+A",
  enabled: (state) => isReady(state) && !isLooking(state.everything),
  perform: async (studio) => {
    studio.set(() => ({ tool: "everything" }));
    await studio.findAll(studio.getState().findSettings);
  },
};

export const stopFinding: Command = {
  id: "everything.stop",
  name: "Discard found masks",
  group: "Everything",
  icon: X,
  shortcut: "Shift+Escape",
  nameNow: ({ everything }) => (isLooking(everything) ? "Stop" : "Discard found masks"),
  enabled: ({ everything }) => isLooking(everything) || hasFound(everything),
  perform: (studio) => studio.stopFinding(),
};

export const keepFound: Command = {
  id: "everything.keep",
  name: "Keep mask under cursor",
  group: "Everything",
  icon: SquarePlus,
  shortcut: "K",
  enabled: (state) => foundUnderCursor(state) !== undefined,
  perform: keepFoundUnderCursor,
};

export const keepAllFound: Command = {
  id: "everything.keep-all",
  name: "Keep all as objects",
  group: "Everything",
  icon: CopyPlus,
  shortcut: "Shift+K",
  enabled: ({ everything }) =>
    everything.state !== "versions" && hasFound(everything) && everything.found.length > 0,
  perform: (studio) => {
    const state = studio.getState();
    const fresh = withoutKept(foundMasks(state), state);
    keepMasks(studio, fresh, "Keep all masks");
    studio.stopFinding();
    studio.notify("info", `${formatNumberOf(fresh.length, "object")} added.`);
  },
};

export const askForWords: Command = {
  id: "everything.words",
  name: "Find by words",
  group: "Everything",
  icon: Type,
  shortcut: "F",
  enabled: (state) => isReady(state) && state.everything.state !== "running",
  perform: (studio) => studio.set(() => ({ tool: "everything", focusesWords: true })),
};

type Found = Extract<Everything, { readonly state: "done" | "words" | "versions" }>;

/** Whether there are masks to keep or to discard. */
function hasFound(everything: Everything): everything is Found {
  return ["done", "words", "versions"].includes(everything.state);
}

function isLooking({ state }: Everything): boolean {
  return state === "running" || state === "asking";
}

export const EVERYTHING_COMMANDS: readonly Command[] = [
  askForWords,
  findAll,
  stopFinding,
  keepFound,
  keepAllFound,
];

export function keepFoundUnderCursor(studio: Studio): void {
  const state = studio.getState();
  const record = foundUnderCursor(state);
  if (record) keepFoundMask(studio, record);
}

/** Makes an object of a mask, unless there is one. */
export function keepFoundMask(studio: Studio, mask: FoundMask): void {
  keepMasks(studio, withoutKept([mask], studio.getState()), "Keep mask");
}

/** Makes objects of masks: one step of undo, with the classes that the list lacks for words. */
function keepMasks(studio: Studio, masks: readonly FoundMask[], label: string): void {
  if (masks.length === 0) return;
  const names = masks.flatMap(({ word }) => (word ? [word.label] : []));
  studio.together(() => {
    if (names.length > 0) studio.editClasses(label, (classes) => addClasses(classes, names));
    const state = studio.getState();
    studio.edit(label, (document) =>
      addObjects(
        document,
        masks.map((mask) => newObjectOfFound(mask, state)),
      ),
    );
  });
}

function foundUnderCursor(state: StudioState) {
  const index = state.hover?.foundIndex ?? null;
  return index === null ? undefined : foundMasks(state)[index];
}
