import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { StateDict, TensorInfo } from "@segany/graph/weights";
import { readOwnFile, writeFileAtomic } from "@segany/runtime/files";

/** What is cached about the embedded weights. */
export interface EmbeddedIndex extends Pick<StateDict, "sha256" | "tensors"> {
  /** Identifies the files it was created from. */
  readonly identity: string;
}

/** Raise it when other keys are read from the files, so that an older index is not used. */
const VERSION = 2;
const NAME = "embedded-weights.json";

/** Reads the cached index of these files; undefined if there is none or it is invalid. */
export async function readEmbeddedIndex(
  cacheDirectory: string,
  identity: string,
): Promise<EmbeddedIndex | undefined> {
  try {
    const { index, check } = JSON.parse(await readOwnFile(join(cacheDirectory, NAME))) as {
      index: { version: number; identity: string; sha256: string; tensors: [string, TensorInfo][] };
      check: string;
    };
    if (check !== checkOf(index) || index.version !== VERSION || index.identity !== identity)
      return undefined;
    return { identity, sha256: index.sha256, tensors: new Map(index.tensors) };
  } catch {
    return undefined;
  }
}

/** Hash that detects damage. */
function checkOf(index: unknown): string {
  return createHash("sha256").update(JSON.stringify(index)).digest("hex");
}

/** Caches an index. Errors are ignored. */
export async function rememberEmbeddedIndex(cacheDirectory: string, embedded: EmbeddedIndex): Promise<void> {
  const { identity, sha256, tensors } = embedded;
  const index = { version: VERSION, identity, sha256, tensors: [...tensors] };
  try {
    await mkdir(cacheDirectory, { recursive: true });
    await writeFileAtomic(join(cacheDirectory, NAME), JSON.stringify({ index, check: checkOf(index) }));
  } catch {
    // it is created again the next time
  }
}
