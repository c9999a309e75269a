/** All masks of the image at once. */

import { CopyPlus, Play, SquarePlus, X } from "lucide-react";
import { addObjects } from "../state/edits.js";
import { foundMasks, objectOfFound, withoutKept } from "../state/found-masks.js";
import { isReady } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import { formatNumberOf } from "../text.js";
import type { Command } from "./command.js";

export const findAll: Command = {
  id: "everything.find",
  name: "Find all masks",
  group: "Everything",
  icon: Play,
  shortcut: "Shift+A",
  enabled: (state) => isReady(state) && state.everything.state !== "running",
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
  nameNow: ({ everything }) => (everything.state === "running" ? "Stop" : "Discard found masks"),
  enabled: ({ everything }) => everything.state === "running" || everything.state === "done",
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
  enabled: ({ everything }) => everything.state === "done" && everything.found.length > 0,
  perform: (studio) => {
    const state = studio.getState();
    const objects = withoutKept(foundMasks(state), state).map(objectOfFound);
    if (objects.length > 0) studio.edit("Keep all masks", (document) => addObjects(document, objects));
    studio.stopFinding();
    studio.notify("info", `${formatNumberOf(objects.length, "object")} added.`);
  },
};

export const EVERYTHING_COMMANDS: readonly Command[] = [findAll, stopFinding, keepFound, keepAllFound];

export function keepFoundUnderCursor(studio: Studio): void {
  const state = studio.getState();
  const record = foundUnderCursor(state);
  const [fresh] = withoutKept(record ? [record] : [], state);
  if (fresh) studio.edit("Keep mask", (document) => addObjects(document, [objectOfFound(fresh)]));
}

function foundUnderCursor(state: StudioState) {
  const index = state.hover?.foundIndex ?? null;
  return index === null ? undefined : foundMasks(state)[index];
}
