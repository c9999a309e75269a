import type { Readable } from "node:stream";

/**
 * The masks stored for images. All methods are asynchronous, so that a database can implement the interface.
 */
export interface KeptMaskStore {
  /** The document stored for an image, or undefined. */
  open(imageId: string): Promise<KeptDocument | undefined>;
  /**
   * Replaces the document if allowed. Comparing the version and writing are one step; when the promise
   * resolves, the new document survives a crash.
   *
   * @param mayReplace called with the current version, undefined for none; if it returns false, nothing is
   *   written
   * @throws ServerError `not-found` for an image that does not exist (any more), `storage-full`
   */
  put(
    imageId: string,
    bytes: Uint8Array,
    mayReplace: (version: string | undefined) => boolean,
  ): Promise<PutResult>;
}

/** A document with its version. */
export interface KeptDocument {
  /** Letters and digits; equal for equal bytes. */
  readonly version: string;
  readonly bytes: number;
  /** Must be read to its end or destroyed. Later writes do not affect it. */
  readonly content: Readable;
}

export interface PutResult {
  readonly isWritten: boolean;
  /** The current version; undefined if there is none. */
  readonly version: string | undefined;
}
