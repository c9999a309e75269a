/** Objects cut out of their image, with transparency around them. */

import { ClipboardCopy, FileDown, FolderDown, PackageX, Scissors, ScissorsLineDashed } from "lucide-react";
import { addCutOuts, removeCutOuts } from "../state/edits.js";
import { openDocument } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { hasObjects, isMaskComing, type NamedShape, shapeToCutOut } from "./conditions.js";
import { saveFile } from "./save-file.js";

export const cutOutObject: Command = {
  id: "cut-out.object",
  name: "Cut out object",
  group: "Cut-outs",
  icon: Scissors,
  shortcut: "X",
  enabled: canCutOut,
  soon: isMaskComing,
  perform: (studio) => withShape(studio, (cut) => addToTray(studio, [cut])),
};

export const cutOutAll: Command = {
  id: "cut-out.all",
  name: "Cut out all objects",
  group: "Cut-outs",
  icon: ScissorsLineDashed,
  shortcut: "Shift+X",
  enabled: hasObjects,
  perform: (studio) => {
    const visible = openDocument(studio.getState()).objects.filter((object) => object.visible);
    addToTray(
      studio,
      visible.map((object) => ({ name: object.name, shape: object })),
    );
  },
};

export const copyCutOut: Command = {
  id: "cut-out.copy",
  name: "Copy cut-out to clipboard",
  group: "Cut-outs",
  icon: ClipboardCopy,
  shortcut: "Mod+C",
  enabled: canCutOut,
  perform: (studio) => withShape(studio, (cut) => copyShape(studio, cut)),
};

export const saveCutOut: Command = {
  id: "cut-out.save",
  name: "Save cut-out as PNG",
  group: "Cut-outs",
  icon: FileDown,
  shortcut: "Mod+Shift+S",
  enabled: canCutOut,
  perform: (studio) => withShape(studio, (cut) => saveShape(studio, cut)),
};

export const saveAllCutOuts: Command = {
  id: "cut-out.save-all",
  name: "Save all of the tray",
  group: "Cut-outs",
  icon: FolderDown,
  enabled: hasCutOuts,
  perform: async (studio) => saveFile(await studio.exportCutOuts()),
};

export const emptyTray: Command = {
  id: "cut-out.empty",
  name: "Empty the tray",
  group: "Cut-outs",
  icon: PackageX,
  enabled: hasCutOuts,
  perform: (studio) =>
    studio.edit("Empty the tray", (document) =>
      removeCutOuts(
        document,
        document.cutOuts.map(({ id }) => id),
      ),
    ),
};

export const CUT_OUT_COMMANDS: readonly Command[] = [
  cutOutObject,
  cutOutAll,
  copyCutOut,
  saveCutOut,
  saveAllCutOuts,
  emptyTray,
];

/** Puts a cut-out into the clipboard as a PNG. */
export async function copyShape(studio: Studio, { name, shape }: NamedShape): Promise<void> {
  // The promise and not its value: some browsers allow writing only in the moment of the user's gesture.
  await navigator.clipboard.write([new ClipboardItem({ "image/png": studio.cutOut(shape) })]);
  studio.notify("info", `“${name}” is in the clipboard.`);
}

/** Hands a cut-out to the user as a PNG. */
export async function saveShape(studio: Studio, { name, shape }: NamedShape): Promise<void> {
  saveFile({ name: `${name}.png`, blob: await studio.cutOut(shape) });
}

function addToTray(studio: Studio, cuts: readonly NamedShape[]): void {
  studio.edit(cuts.length === 1 ? "Cut out object" : "Cut out all objects", (document) =>
    addCutOuts(document, cuts),
  );
}

function withShape<T>(studio: Studio, act: (cut: NamedShape) => T): T | undefined {
  const cut = shapeToCutOut(studio.getState());
  return cut ? act(cut) : undefined;
}

function canCutOut(state: StudioState): boolean {
  return shapeToCutOut(state) !== null;
}

function hasCutOuts(state: StudioState): boolean {
  return openDocument(state).cutOuts.length > 0;
}
