/** Images into the gallery, through it, and out of it; masks in files. */

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
import { openImage } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import { chooseFiles, IMAGE_TYPES, MASK_TYPES } from "./choose-files.js";
import type { Command } from "./command.js";
import { hasImage, isOwnPage } from "./conditions.js";

export const openImages: Command = {
  id: "image.open",
  name: "Open images…",
  group: "Image",
  icon: ImagePlus,
  shortcut: "Mod+O",
  enabled: isOwnPage,
  perform: async (studio) => addChosen(studio, await chooseFiles({ accept: IMAGE_TYPES })),
};

export const openFolder: Command = {
  id: "image.open-folder",
  name: "Open folder…",
  group: "Image",
  icon: FolderOpen,
  shortcut: "Mod+Shift+O",
  enabled: isOwnPage,
  perform: async (studio) => {
    const files = await chooseFiles({ accept: "", folder: true });
    const images = files.filter(({ type }) => type.startsWith("image/"));
    if (files.length > 0 && images.length === 0)
      studio.notify("warning", "There are no images in this folder.");
    await addChosen(studio, images);
  },
};

export const importMasks: Command = {
  id: "image.import-masks",
  name: "Import masks…",
  group: "Image",
  icon: Upload,
  shortcut: "Mod+I",
  enabled: hasImage,
  perform: async (studio) => addChosen(studio, await chooseFiles({ accept: MASK_TYPES })),
};

export const exportMasks: Command = {
  id: "image.export",
  name: "Export…",
  group: "Image",
  icon: Download,
  shortcut: "Mod+S",
  enabled: hasImage,
  perform: (studio) => studio.set(() => ({ openPanel: "export" })),
};

export const nextImage: Command = {
  id: "image.next",
  name: "Next image",
  group: "Image",
  icon: ChevronRight,
  shortcut: "PageDown",
  repeats: true,
  enabled: (state) => neighbour(state, 1) !== undefined,
  perform: (studio) => openNeighbour(studio, 1),
};

export const previousImage: Command = {
  id: "image.previous",
  name: "Previous image",
  group: "Image",
  icon: ChevronLeft,
  shortcut: "PageUp",
  repeats: true,
  enabled: (state) => neighbour(state, -1) !== undefined,
  perform: (studio) => openNeighbour(studio, -1),
};

export const retryImage: Command = {
  id: "image.retry",
  name: "Try again",
  group: "Image",
  icon: RotateCcw,
  enabled: (state) => openImage(state)?.loading.phase === "failed",
  perform: (studio) => studio.retry(),
};

export const removeImage: Command = {
  id: "image.remove",
  name: "Remove image",
  group: "Image",
  icon: Trash2,
  shortcut: "Mod+Backspace",
  enabled: (state) => isOwnPage(state) && hasImage(state),
  perform: async (studio) => {
    const { openImageId } = studio.getState();
    if (openImageId !== null) await studio.removeImage(openImageId);
  },
};

export const IMAGE_COMMANDS: readonly Command[] = [
  openImages,
  openFolder,
  importMasks,
  exportMasks,
  nextImage,
  previousImage,
  retryImage,
  removeImage,
];

async function addChosen(studio: Studio, files: readonly File[]): Promise<void> {
  if (files.length > 0) await studio.addFiles(files);
}

/** The image that many places on in the gallery. */
function neighbour({ images, openImageId }: StudioState, step: 1 | -1): string | undefined {
  const index = images.findIndex(({ id }) => id === openImageId);
  return index < 0 ? undefined : images[index + step]?.id;
}

function openNeighbour(studio: Studio, step: 1 | -1): void {
  const id = neighbour(studio.getState(), step);
  if (id !== undefined) studio.openImage(id);
}
