import type { Readable } from "node:stream";

/** The masks that are kept for images. Everything is asynchronous, so that a database can stand here. */
export interface KeptMaskStore {
  /** What is kept for an image, or undefined. */
  open(imageId: string): Promise<KeptDocument | undefined>;
  /**
   * Replaces what is kept if that may be: nothing comes between the look at its version and the write, which outlives
   * a crash on return.
   *
   * @param mayReplace asked with the version that is there, undefined for none; when it says no, nothing is written
   * @throws ServerError `not-found` for an image that isn't there (any more), `storage-full`
   */
  put(
    imageId: string,
    bytes: Uint8Array,
    mayReplace: (version: string | undefined) => boolean,
  ): Promise<PutResult>;
}

/** A document, and which one it is. */
export interface KeptDocument {
  /** Letters and digits: the same for the same bytes, another for others. */
  readonly version: string;
  readonly bytes: number;
  /** To be read to its end or destroyed; later writes don't show in it. */
  readonly content: Readable;
}

export interface PutResult {
  readonly isWritten: boolean;
  /** Of what is kept now; undefined for nothing. */
  readonly version: string | undefined;
}
