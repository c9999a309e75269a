/** Pictures into the gallery, through it, and out of it; masks in files. */

import {
  ChevronLeft,
  ChevronRight,
  Download,
  FolderOpen,
  ImagePlus,
  RotateCcw,
  Trash2,
  Upload,
} from "lucide-react";
import { openPicture } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import { chooseFiles, MASK_TYPES, PICTURE_TYPES } from "./choose-files.js";
import type { Command } from "./command.js";
import { always, hasPicture } from "./conditions.js";

export const openPictures: Command = {
  id: "picture.open",
  name: "Open pictures…",
  group: "Picture",
  icon: ImagePlus,
  shortcut: "Mod+O",
  enabled: always,
  perform: async (studio) => addChosen(studio, await chooseFiles({ accept: PICTURE_TYPES })),
};

export const openFolder: Command = {
  id: "picture.open-folder",
  name: "Open folder…",
  group: "Picture",
  icon: FolderOpen,
  shortcut: "Mod+Shift+O",
  enabled: always,
  perform: async (studio) => {
    const files = await chooseFiles({ accept: "", folder: true });
    const pictures = files.filter(({ type }) => type.startsWith("image/"));
    if (files.length > 0 && pictures.length === 0)
      studio.notify("warning", "There are no pictures in this folder.");
    await addChosen(studio, pictures);
  },
};

export const importMasks: Command = {
  id: "picture.import-masks",
  name: "Import masks…",
  group: "Picture",
  icon: Upload,
  shortcut: "Mod+I",
  enabled: hasPicture,
  perform: async (studio) => addChosen(studio, await chooseFiles({ accept: MASK_TYPES })),
};

export const exportMasks: Command = {
  id: "picture.export",
  name: "Export…",
  group: "Picture",
  icon: Download,
  shortcut: "Mod+S",
  enabled: hasPicture,
  perform: (studio) => studio.set(() => ({ openPanel: "export" })),
};

export const nextPicture: Command = {
  id: "picture.next",
  name: "Next picture",
  group: "Picture",
  icon: ChevronRight,
  shortcut: "PageDown",
  repeats: true,
  enabled: (state) => neighbour(state, 1) !== undefined,
  perform: (studio) => openNeighbour(studio, 1),
};

export const previousPicture: Command = {
  id: "picture.previous",
  name: "Previous picture",
  group: "Picture",
  icon: ChevronLeft,
  shortcut: "PageUp",
  repeats: true,
  enabled: (state) => neighbour(state, -1) !== undefined,
  perform: (studio) => openNeighbour(studio, -1),
};

export const retryPicture: Command = {
  id: "picture.retry",
  name: "Try again",
  group: "Picture",
  icon: RotateCcw,
  enabled: (state) => openPicture(state)?.loading.phase === "failed",
  perform: (studio) => studio.retry(),
};

export const removePicture: Command = {
  id: "picture.remove",
  name: "Remove picture",
  group: "Picture",
  icon: Trash2,
  shortcut: "Mod+Backspace",
  enabled: hasPicture,
  perform: async (studio) => {
    const { openPictureId } = studio.getState();
    if (openPictureId !== null) await studio.removePicture(openPictureId);
  },
};

export const PICTURE_COMMANDS: readonly Command[] = [
  openPictures,
  openFolder,
  importMasks,
  exportMasks,
  nextPicture,
  previousPicture,
  retryPicture,
  removePicture,
];

async function addChosen(studio: Studio, files: readonly File[]): Promise<void> {
  if (files.length > 0) await studio.addFiles(files);
}

/** The picture that many places on in the gallery. */
function neighbour({ pictures, openPictureId }: StudioState, step: 1 | -1): string | undefined {
  const index = pictures.findIndex(({ id }) => id === openPictureId);
  return index < 0 ? undefined : pictures[index + step]?.id;
}

function openNeighbour(studio: Studio, step: 1 | -1): void {
  const id = neighbour(studio.getState(), step);
  if (id !== undefined) studio.openPicture(id);
}
