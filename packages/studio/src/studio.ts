/** What commands and components work with: the store, and what can be asked of the effects behind it. */

import type { ImagePoint } from "@segany/masks";
import type { MaskGeneratorOptions } from "@segany/sam";
import type { MaskShape } from "./state/document.js";
import type { RunMode } from "./state/status.js";
import type { StudioStore } from "./state/studio-store.js";
import type { Choices, FoundThresholds } from "./state/types.js";

/** Forms in which masks are saved. */
export type ExportFormat = "sa1b" | "coco" | "yolo" | "labelme" | "voc" | "cvat" | "png-masks" | "label-map";

/** A file for the user. */
export interface ExportedFile {
  readonly name: string;
  readonly blob: Blob;
  /** What the format has no place for, with how often it occurs. */
  readonly losses?: readonly string[];
}

/** What is done with a job of a project. What goes wrong is thrown. */
export interface WorkActions {
  /** Looks for work in the project's queue. */
  readonly next: () => Promise<void>;
  /** The open image is labelled; its mask in the making is kept. Opens the next one, or ends the job. */
  readonly done: () => Promise<void>;
  readonly skip: (reason: string) => Promise<void>;
  /** Locks the open image again after its lock was lost, and sends what waits. */
  readonly takeAgain: () => Promise<void>;
  readonly accept: () => Promise<void>;
  readonly reject: (comment: string) => Promise<void>;
  /** Shows the masks of those who labelled the open image beside each other, to be kept one by one. */
  readonly showVersions: () => Promise<void>;
  readonly pinIssue: (at: ImagePoint, text: string) => Promise<void>;
  readonly comment: (issueId: string, text: string) => Promise<void>;
  readonly setResolved: (issueId: string, isResolved: boolean) => Promise<void>;
}

/**
 * The store, and the effects behind it. What goes wrong in these is told to the user by a notice; nothing is
 * thrown.
 */
export interface Studio extends StudioStore {
  /** Takes images into the gallery and opens the first; masks (`.json`) go to the images that they name. */
  readonly addFiles: (files: readonly File[]) => Promise<void>;
  readonly openImage: (imageId: string) => void;
  /** Also off the server, where it is there. */
  readonly removeImage: (imageId: string) => Promise<void>;
  /** Asks the open image again after it failed. */
  readonly retry: () => void;
  /** Where the model runs from now on. */
  readonly setMode: (mode: RunMode) => void;
  /** The cursor is here; `hover.preview` follows. null: it left the image. */
  readonly hoverAt: (at: ImagePoint | null) => void;
  /** Everything mode on the open image; masks appear in `everything` as they are found. */
  readonly findAll: (settings: MaskGeneratorOptions) => Promise<void>;
  /** Masks of what words say, on the open image; they appear in `everything`. */
  readonly findWords: (text: string) => Promise<void>;
  /** Ends everything mode, whether it still runs or not; what was found and not kept is forgotten. */
  readonly stopFinding: () => void;
  /** Picks the found masks anew; of calls that come faster than answers only the last counts. */
  readonly selectFound: (thresholds: Required<FoundThresholds>) => Promise<void>;
  /**
   * An image of the gallery, upright and decoded for drawing; the same bitmap for as long as it is in the
   * gallery.
   */
  readonly bitmapOf: (imageId: string) => Promise<ImageBitmap>;
  /** PNG of what is under a mask of the open image: the mask's box, everything around it transparent. */
  readonly cutOut: (shape: MaskShape) => Promise<Blob>;
  /** Gets the objects that the server keeps for images which were not opened in this page yet. */
  readonly readKeptMasks: () => Promise<void>;
  /** What the user has decided on a question of `questions`; null: later. */
  readonly answerQuestion: (imageId: string, choices: Choices | null) => void;
  /** The masks of images: one file, or a zip of several. */
  readonly exportMasks: (format: ExportFormat, imageIds: readonly string[]) => Promise<ExportedFile>;
  /** All cut-outs of the open image as a zip. */
  readonly exportCutOuts: () => Promise<ExportedFile>;
  /** null outside of a project. */
  readonly work: WorkActions | null;
  /** Ends the effects. */
  readonly close: () => void;
}
