/** What commands and components work with: the store, and what can be asked of the effects behind it. */

import type { ImagePoint } from "@segany/masks";
import type { MaskGeneratorOptions } from "@segany/sam";
import type { MaskShape } from "./state/document.js";
import type { RunMode } from "./state/status.js";
import type { StudioStore } from "./state/studio-store.js";
import type { Choices, FoundThresholds } from "./state/types.js";

/** Forms in which masks are saved. */
export type ExportFormat = "sa1b" | "coco" | "png-masks" | "label-map";

/** A file for the user. */
export interface ExportedFile {
  readonly name: string;
  readonly blob: Blob;
}

/** The store, and the effects behind it. What goes wrong in these is told to the user by a notice; nothing is thrown. */
export interface Studio extends StudioStore {
  /** Takes pictures into the gallery and opens the first; masks (`.json`) go to the pictures that they name. */
  readonly addFiles: (files: readonly File[]) => Promise<void>;
  readonly openPicture: (pictureId: string) => void;
  /** Also off the server, where it is there. */
  readonly removePicture: (pictureId: string) => Promise<void>;
  /** Asks the open picture again after it failed. */
  readonly retry: () => void;
  /** Where the model runs from now on. */
  readonly setMode: (mode: RunMode) => void;
  /** The cursor is here; `hover.preview` follows. null: it left the picture. */
  readonly hoverAt: (at: ImagePoint | null) => void;
  /** Everything mode on the open picture; masks appear in `everything` as they are found. */
  readonly findAll: (settings: MaskGeneratorOptions) => Promise<void>;
  /** Ends everything mode, whether it still runs or not; what was found and not kept is forgotten. */
  readonly stopFinding: () => void;
  /** Picks the found masks anew; of calls that come faster than answers only the last counts. */
  readonly selectFound: (thresholds: Required<FoundThresholds>) => Promise<void>;
  /** A picture of the gallery, upright and decoded for drawing; the same bitmap for as long as it is in the gallery. */
  readonly bitmapOf: (pictureId: string) => Promise<ImageBitmap>;
  /** PNG of what is under a mask of the open picture: the mask's box, everything around it transparent. */
  readonly cutOut: (shape: MaskShape) => Promise<Blob>;
  /** Gets the objects that the server keeps for pictures which were not opened in this page yet. */
  readonly readKeptMasks: () => Promise<void>;
  /** What the user has decided on a question of `questions`; null: later. */
  readonly answerQuestion: (pictureId: string, choices: Choices | null) => void;
  /** The masks of pictures: one file, or a zip of several. */
  readonly exportMasks: (format: ExportFormat, pictureIds: readonly string[]) => Promise<ExportedFile>;
  /** All cut-outs of the open picture as a zip. */
  readonly exportCutOuts: () => Promise<ExportedFile>;
  /** Ends the effects. */
  readonly close: () => void;
}
