/**
 * Where a writer's files go: a folder (`createFolderOutput`), memory (`createMemoryOutput`), an archive.
 * Names are relative, with `/` between folders.
 */
export interface DatasetOutput {
  /**
   * Writes a file, whole or not at all.
   *
   * @returns "kept" when it was there already with the same bytes
   */
  write(name: string, data: Uint8Array | string): Promise<"written" | "kept">;
  /** Begins a file that is written piece by piece; it has its name only once it is finished. */
  open(name: string): Promise<OutputText>;
}

/** A text file that is being written. */
export interface OutputText {
  /** Adds text, or bytes of text; to be awaited, so that no more than a little is held in memory. */
  append(text: string | Uint8Array): Promise<void>;
  /** What has been added so far. */
  read(): AsyncIterable<string | Uint8Array>;
  /** Gives it its name. */
  finish(): Promise<"written" | "kept">;
  /** Removes it. Never fails; does nothing after `finish`. */
  discard(): Promise<void>;
}
