import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { StateDict, TensorInfo } from "@segany/graph/weights";
import { readOwnFile, writeFileAtomic } from "@segany/runtime/files";

/** What is known of the embedded weights without reading them. */
export interface EmbeddedIndex extends Pick<StateDict, "sha256" | "tensors"> {
  /** Of the files it was made of. */
  readonly identity: string;
}

/** Raised when the keys that are read from the files change, so that an older index is not used. */
const VERSION = 2;
const NAME = "embedded-weights.json";

/** The index of these very files, if it was remembered; one that cannot be read is none. */
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

/** Tells damage. */
function checkOf(index: unknown): string {
  return createHash("sha256").update(JSON.stringify(index)).digest("hex");
}

/** Remembers an index; a folder that cannot be written costs only the memory of it. */
export async function rememberEmbeddedIndex(cacheDirectory: string, embedded: EmbeddedIndex): Promise<void> {
  const { identity, sha256, tensors } = embedded;
  const index = { version: VERSION, identity, sha256, tensors: [...tensors] };
  try {
    await mkdir(cacheDirectory, { recursive: true });
    await writeFileAtomic(join(cacheDirectory, NAME), JSON.stringify({ index, check: checkOf(index) }));
  } catch {
    // It is made again the next time.
  }
}
