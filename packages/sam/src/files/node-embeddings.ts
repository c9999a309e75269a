import { SamError } from "@segany/masks";
import { type AtomicWriteOptions, readFileUpTo, writeFileAtomic } from "@segany/runtime/files";
import {
  decodeEmbedding,
  decodeEmbeddingNpy,
  encodeEmbedding,
  encodeEmbeddingNpy,
} from "../embeddings/embedding-file.js";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";

/** Sixty times the feature map of SAM; other models have several. */
const MAX_BYTES = 2 ** 28;
const MAX_JSON_BYTES = 2 ** 20;

/**
 * Writes an embedding: `.safetensors`, or `.npy` with its metadata in `<path>.json`.
 *
 * @param options of `writeFileAtomic` for the path; a link at `<path>.json` is always replaced
 * @throws SamError `option-invalid` for another file extension, `file-unwritable`, `aborted`
 *
 * @example
 * await saveImageEmbedding("pear.safetensors", predictor.getImageEmbedding());
 * predictor.setImageEmbedding(await loadImageEmbedding("pear.safetensors"));
 */
export async function saveImageEmbedding(
  path: string,
  embedding: ImageEmbedding,
  options: AtomicWriteOptions = {},
): Promise<void> {
  if (isNpy(path)) {
    const { npy, json } = encodeEmbeddingNpy(embedding);
    await writeFileAtomic(path, npy, options);
    await writeFileAtomic(`${path}.json`, json, { signal: options.signal });
    return;
  }
  await writeFileAtomic(path, encodeEmbedding(embedding), options);
}

/**
 * Reads a file of {@link saveImageEmbedding}.
 *
 * @throws SamError `file-unreadable`, `embedding-invalid`, `option-invalid` for another file extension
 *
 * @example
 * await saveImageEmbedding("still-life.npy", predictor.getImageEmbedding()); // with still-life.npy.json
 * const { imageSize } = await loadImageEmbedding("still-life.npy");
 * console.log(imageSize); // { width: 1200, height: 800 }
 */
export async function loadImageEmbedding(path: string): Promise<ImageEmbedding> {
  if (!isNpy(path)) return decodeEmbedding(await readFileUpTo(path, MAX_BYTES), path);
  const npy = await readFileUpTo(path, MAX_BYTES);
  const json = await readFileUpTo(`${path}.json`, MAX_JSON_BYTES);
  return decodeEmbeddingNpy(npy, json.toString("utf8"), path);
}

function isNpy(path: string): boolean {
  if (path.endsWith(".npy")) return true;
  if (path.endsWith(".safetensors")) return false;
  throw new SamError("option-invalid", `${path}: the file of an embedding must end in .safetensors or .npy.`);
}
