import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FileTarget } from "./node-output-target.js";

/** A file that is being written under a temporary name in the folder of its target. */
export interface AtomicFile {
  readonly temporaryPath: string;
  /** Adds bytes, or text as UTF-8. */
  append(data: Uint8Array | string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Gives it its name, in place of what had it. The handle is closed. */
  finish(): Promise<void>;
  /** Removes it. Never fails; does nothing after `finish`. */
  discard(): Promise<void>;
}

/** Files that are removed should the process end meanwhile. */
const unfinished = new Set<string>();

function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}

/**
 * Begins a file. It keeps the permissions of the file that it replaces, and owner and group as far as the
 * system lets it.
 *
 * @throws the system's error
 */
export async function openAtomicFile({ path, replaces }: FileTarget): Promise<AtomicFile> {
  // The name doesn't grow with the target's, which may already be as long as the file system allows.
  const temporaryPath = join(dirname(path), `.${randomUUID()}.tmp`);
  const handle = await open(temporaryPath, "wx", replaces ? replaces.mode & 0o700 : 0o666);
  if (unfinished.size === 0) process.once("exit", removeUnfinished);
  unfinished.add(temporaryPath);
  const end = (): void => {
    unfinished.delete(temporaryPath);
    if (unfinished.size === 0) process.removeListener("exit", removeUnfinished);
  };
  return {
    temporaryPath,
    append: (data, { signal } = {}) => handle.appendFile(data, signal && { signal }),
    async finish() {
      if (replaces) {
        await handle.chown(replaces.uid, replaces.gid).catch(() => {});
        await handle.chmod(replaces.mode & 0o777);
      }
      await handle.close();
      await rename(temporaryPath, path);
      end();
    },
    async discard() {
      if (!unfinished.has(temporaryPath)) return;
      await handle.close().catch(() => {});
      await rm(temporaryPath, { force: true }).catch(() => {});
      end();
    },
  };
}
