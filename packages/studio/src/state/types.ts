/**
 * The studio's whole state. Only `Document` and the list of classes are undone; everything else is how the
 * user looks at it.
 */

import type { ImagePoint, Size } from "@segany/masks";
import type { MaskGeneratorOptions, Orientation, SelectionOptions } from "@segany/sam";
import type { ClassList } from "./classes.js";
import type { Document, MaskShape } from "./document.js";
import type { History } from "./history.js";
import type { ObjectList } from "./listed-objects.js";
import type { Conflict } from "./merge-objects.js";
import type { Loading, ModelStatus, RunMode } from "./status.js";
import type { Work } from "./work.js";

/** An image in the gallery. */
export interface GalleryImage extends Size {
  readonly id: string;
  readonly name: string;
  /** EXIF's, of its file; the size is after it. Absent is 1: as stored. */
  readonly orientation?: Orientation;
  /** Something an `<img>` can show at the size of a thumbnail. */
  readonly thumbnailUrl: string;
  readonly loading: Loading;
  readonly history: History<Document>;
}

export type Tool = "click" | "box" | "brush" | "eraser" | "everything" | "pan";

/** From the image to the screen: screen = image * scale + offset, in CSS pixels of the stage. */
export interface View {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/** What is under the cursor. */
export interface Hover {
  readonly at: ImagePoint;
  /** The mask that a click here would make; null until the model has answered. */
  readonly preview: MaskShape | null;
  /** An object or a found mask under the cursor. */
  readonly objectId: string | null;
  readonly foundIndex: number | null;
}

/** A mask that everything mode, or words, found. */
export interface FoundMask extends MaskShape {
  readonly predictedIou: number;
  /** null where it was not measured. */
  readonly stabilityScore: number | null;
  /** The grid points that prompted it. */
  readonly points: readonly ImagePoint[];
  /** For a mask that words found. */
  readonly word?: FoundWord;
  /** For a mask that another has made: its class by name, and whose version it is, from 1. */
  readonly version?: { readonly className: string | null; readonly number: number };
}

/** How words found a mask. */
export interface FoundWord {
  /** The words: the class of the object that it may become. */
  readonly label: string;
  /** What the engine itself calls it, where it has names of its own. */
  readonly category: string | null;
  /** The engine's score, 0 to 1. */
  readonly score: number;
}

/** What words found. */
export interface WordsFound {
  readonly state: "words";
  readonly text: string;
  /** What found it. */
  readonly engine: string;
  /** Least score of those that are shown. */
  readonly threshold: number;
  /** All that may be shown, the best score first. */
  readonly all: readonly FoundMask[];
  /** Those that are shown. */
  readonly found: readonly FoundMask[];
}

/** The masks of those who labelled the same image without seeing each other's. */
export interface VersionsFound {
  readonly state: "versions";
  readonly found: readonly FoundMask[];
}

/** Everything mode, words, or versions of others, on the image that is open. */
export type Everything =
  | { readonly state: "idle" }
  | {
      readonly state: "running";
      readonly pointsDone: number;
      readonly pointsTotal: number;
      readonly found: readonly FoundMask[];
    }
  | {
      readonly state: "done";
      readonly found: readonly FoundMask[];
      readonly selection: Required<FoundThresholds>;
    }
  | { readonly state: "asking"; readonly text: string }
  | WordsFound
  | VersionsFound
  | { readonly state: "failed"; readonly message: string };

/** The thresholds that can be moved without decoding again. */
export type FoundThresholds = Pick<
  SelectionOptions,
  "predIouThresh" | "stabilityScoreThresh" | "boxNmsThresh"
>;

/** How everything mode asks. */
export type FindSettings = Required<Pick<MaskGeneratorOptions, "behaviour" | "minMaskRegionArea">> & {
  readonly pointsPerSide: number;
};

/** A cursor on the image that keys move, for those who don't point. */
export interface KeyCursor {
  /** Pixels of the image. */
  readonly at: ImagePoint;
  /** The first corner of a box that still lacks the other. */
  readonly boxCorner: ImagePoint | null;
}

export interface Notice {
  readonly id: string;
  readonly kind: "info" | "warning" | "error";
  readonly text: string;
}

/** The server could not answer the draft's question just now; it is asked again by itself. */
export interface AskingAgain {
  readonly reason: "server-busy" | "server-unreachable";
  /** When it is asked, milliseconds since 1970. */
  readonly atMs: number;
  /** Which attempt that will be, and of how many. */
  readonly attempt: number;
  readonly attempts: number;
}

/** How many of how many. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Objects of an image that the user and others have changed, each in another way. */
export interface ConflictQuestion {
  readonly imageId: string;
  readonly conflicts: readonly Conflict[];
}

/** What to keep of each object in a question, by UUID. */
export type Choices = Readonly<Record<string, "mine" | "theirs" | "both">>;

export type Theme = "system" | "light" | "dark";

/** What is remembered on this device. */
export interface Preferences {
  readonly theme: Theme;
  readonly mode: RunMode;
  /** Shortcuts that differ from the commands' own, by command id; null: none. */
  readonly keymap: Readonly<Record<string, string | null>>;
  readonly multimask: boolean;
  /** Whether a click is enough: the model's mask for it becomes an object at once. */
  readonly commitsClicks: boolean;
  /** Whether the boxes of all masks are drawn, which reveal stray pixels. */
  readonly showsBoxes: boolean;
  /** Diameter in pixels of the image. */
  readonly brushSizePx: number;
  /** 0 to 1. */
  readonly maskOpacity: number;
}

export interface StudioState {
  readonly images: readonly GalleryImage[];
  readonly openImageId: string | null;
  /** Files that are being taken into the gallery. */
  readonly adding: Progress | null;
  /** Images that are being sent to the server in the background. */
  readonly sending: Progress | null;
  readonly tool: Tool;
  /** What a plain click of the click tool says; a touch screen has no second button for the other. */
  readonly pointLabel: 0 | 1;
  /** null until a key has moved it. It counts while `hover` is at the same place: a pointer takes over. */
  readonly keyCursor: KeyCursor | null;
  readonly view: View;
  /** CSS pixels of the stage, kept by it; commands that zoom need it. */
  readonly stageSize: Size;
  readonly hover: Hover | null;
  readonly everything: Everything;
  readonly findSettings: FindSettings;
  /** The field for words is to get the focus. */
  readonly focusesWords: boolean;
  /** How the list of objects is looked at. */
  readonly objectList: ObjectList;
  /** Objects chosen in the list; what is about one object is about the last. */
  readonly selectedIds: readonly string[];
  /** The object whose name is being typed. */
  readonly renamingObjectId: string | null;
  /** Of all images. */
  readonly classes: History<ClassList>;
  /** The class that new objects get: the one that was given last. */
  readonly nextClassId: string | null;
  readonly model: ModelStatus;
  /** Where the model can run here; empty until it is known. `runModeOf` tells which is in use. */
  readonly modes: readonly RunMode[];
  /** True while the model works on the draft's question. */
  readonly predicting: boolean;
  /** Set while the draft's question waits to be asked again. */
  readonly askingAgain: AskingAgain | null;
  readonly notices: readonly Notice[];
  /** They wait for the user; at most one for an image. */
  readonly questions: readonly ConflictQuestion[];
  readonly openPanel: "help" | "keymap" | "export" | "skip" | "reject" | "issue" | null;
  /** Where the issue that is being written is pinned, pixels of the open image. */
  readonly issueAt: ImagePoint | null;
  /** Labelling or reviewing for a project; null in a page of one's own. */
  readonly work: Work | null;
  /** Whether the server has projects that people label. */
  readonly hasProjects: boolean;
  readonly preferences: Preferences;
}
