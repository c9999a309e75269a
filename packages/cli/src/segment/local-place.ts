import { checkWritableFolder } from "@segany/runtime/files";
import type { InputImage } from "./inputs.js";
import { findDone, findSource, type JournalEntry, noteBegun, noteDone, type SourceState } from "./journal.js";
import type { SegmentOptions } from "./options.js";
import { refuseForeignOutputs } from "./refuse-foreign.js";

/** What is known of an image that an earlier run has finished. */
export type DoneImage = Pick<JournalEntry, "masks" | "record">;

/** What is recorded of an image that is finished. */
export type FinishedImage = Omit<JournalEntry, "files" | "source">;

/** An image that is about to be segmented. */
export interface OpenedImage {
  readonly input: InputImage;
  /** Of its file on this machine. */
  readonly path: string;
  /** Its state before it was read; missing for a pipe. */
  readonly source: unknown;
  /** Frees what was needed to read it. */
  close(): Promise<void>;
}

/** Where a run finds its images, leaves its results, and records which are finished. */
export interface SegmentPlace {
  /** Folder of this machine that results are written to. */
  readonly folder: string;
  /** Refuses what can't be written, or would replace files of others, before anything is done. */
  check(inputs: readonly InputImage[]): Promise<void>;
  /** An image whose results exist, unchanged, for the same image and settings. */
  findDone(input: InputImage, settings: string): Promise<DoneImage | undefined>;
  open(input: InputImage): Promise<OpenedImage>;
  /** Notes that these files and folders, relative to the folder, are from here on ours. */
  begin(input: InputImage, names: readonly string[]): Promise<void>;
  /** Records an image whose files, relative to the folder, are written. */
  finish(image: OpenedImage, entry: FinishedImage, names: readonly string[]): Promise<void>;
  /** Keeps a file of all images. */
  keep(name: string): Promise<void>;
}

/** Files of this machine. */
export function createLocalPlace(options: SegmentOptions): SegmentPlace {
  const { output } = options;
  return {
    folder: output,
    async check(inputs) {
      await refuseForeignOutputs(inputs, options);
      await checkWritableFolder(output);
    },
    findDone: (input, settings) => findDone(output, input, settings),
    async open(input) {
      const source = await findSource(input);
      return { input, path: input.path, source, close: async () => undefined };
    },
    begin: (input, names) => noteBegun(output, input, names),
    finish: ({ input, source }, entry, names) =>
      noteDone(output, input, entry, names, source as SourceState | undefined),
    keep: async () => undefined,
  };
}
