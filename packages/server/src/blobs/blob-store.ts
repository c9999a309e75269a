import type { Readable } from "node:stream";
import { ServerError } from "../errors.js";

/**
 * Files by key, wherever they are stored. Keys are generated, never taken from users: parts of [a-z0-9.-],
 * joined by "/".
 */
export interface BlobStore {
  /** Whether other processes write to it too. Then nobody knows all that is in it, and nothing is evicted. */
  readonly isShared: boolean;
  /**
   * Stores bytes under a key. Readers see the old content or the complete new content. When the promise
   * resolves, the content survives a crash; when it rejects, nothing is left of it.
   *
   * @throws ServerError `storage-full`
   */
  put(key: string, bytes: Uint8Array | string): Promise<void>;
  /**
   * The same unless something is stored there; of several writers at the same time one succeeds.
   *
   * @returns whether these bytes were stored
   */
  putNew(key: string, bytes: Uint8Array | string): Promise<boolean>;
  /** Stores a file created at `temporaryPath` by moving it. If that fails, the file is removed. */
  putFile(key: string, temporaryPath: string): Promise<void>;
  /** The content, or undefined if there is none. */
  get(key: string): Promise<Buffer | undefined>;
  /** The content, or a part of it; undefined if there is none. The caller reads or destroys the stream. */
  read(key: string, range?: ByteRange): Promise<Readable | undefined>;
  stat(key: string): Promise<BlobStat | undefined>;
  /** Path of a local file with the content, for readers that need one. Callers must not change it. */
  localPath(key: string): Promise<string>;
  /** Sets the time of last use to now, see `usedMs` of `stat`; a store that can't keep it does nothing. */
  touch(key: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Every key in a folder. */
  list(folder: string): Promise<string[]>;
  /** A path to write to before `putFile`. Files left there are removed when the store is opened again. */
  temporaryPath(): string;
}

export interface BlobStat {
  readonly bytes: number;
  /** Time when it was stored or last touched, milliseconds since 1970. */
  readonly usedMs: number;
}

/** Part of a file, at least a byte: from `start` up to but not including `end`; it may lie behind its end. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const KEY = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

/** Whether that can be a key; none leads out of the store's folder. */
export function isBlobKey(key: string): boolean {
  return KEY.test(key);
}

/** @returns the key @throws ServerError `not-found` for what can't be one */
export function checkBlobKey(key: string): string {
  if (!isBlobKey(key)) throw new ServerError("not-found", `Nothing is stored under "${key}".`);
  return key;
}
