/** Files by key, wherever they lie. Keys are ours, never a user's: parts of [a-z0-9.-], joined by "/". */
export interface BlobStore {
  /**
   * Stores bytes under a key; readers see the old content or the whole new one. On return it outlives a crash; when it
   * fails nothing is left of it.
   *
   * @throws ServerError `storage-full`
   */
  put(key: string, bytes: Uint8Array | string): Promise<void>;
  /** The same with a file made by `temporaryPath`, which is moved, or removed when that fails. */
  putFile(key: string, temporaryPath: string): Promise<void>;
  /** The content, or undefined where there is none. */
  get(key: string): Promise<Buffer | undefined>;
  stat(key: string): Promise<BlobStat | undefined>;
  /** A file on this machine with the content, for readers that need one. It is not theirs to change. */
  localPath(key: string): Promise<string>;
  /** Marks as used just now, for `stat`'s `usedMs`. */
  touch(key: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Every key that begins with a folder. */
  list(folder: string): Promise<string[]>;
  /** A path to write to before `putFile`; what is left there goes when the store is opened again. */
  temporaryPath(): string;
}

export interface BlobStat {
  readonly bytes: number;
  /** When it was stored or last touched, milliseconds since 1970. */
  readonly usedMs: number;
}
