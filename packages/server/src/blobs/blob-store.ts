/**
 * Files by key, wherever they are stored. Keys are generated, never taken from users: parts of [a-z0-9.-],
 * joined by "/".
 */
export interface BlobStore {
  /**
   * Stores bytes under a key. Readers see the old content or the complete new content. When the promise
   * resolves, the content survives a crash; when it rejects, nothing is left of it.
   *
   * @throws ServerError `storage-full`
   */
  put(key: string, bytes: Uint8Array | string): Promise<void>;
  /** Stores a file created at `temporaryPath` by moving it. If that fails, the file is removed. */
  putFile(key: string, temporaryPath: string): Promise<void>;
  /** The content, or undefined if there is none. */
  get(key: string): Promise<Buffer | undefined>;
  stat(key: string): Promise<BlobStat | undefined>;
  /** Path of a local file with the content, for readers that need one. Callers must not change it. */
  localPath(key: string): Promise<string>;
  /** Sets the time of last use to now, see `usedMs` of `stat`. */
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
