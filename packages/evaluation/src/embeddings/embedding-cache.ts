import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, whyShared, writeFileAtomic } from "@segany/runtime/files";
import { decodeEmbedding, encodeEmbedding, type ImageEmbedding, type ModelIdentity } from "@segany/sam";

/**
 * How much of the disk kept embeddings may take before the least recently used go: about a thousand of them.
 */
export const DEFAULT_LIMIT_BYTES = 4 * 2 ** 30;

/** A file is the SHA-256 of what follows, and a `.safetensors` file. */
const ENDING = ".embedding";
const HASH_BYTES = 32;
/** Those of the first version, which had no hash, are only evicted. */
const ENTRY = /^[0-9a-f]{64}\.(?:embedding|safetensors)$/;
/** Goes up whenever the same image and checkpoint would give another embedding. */
const VERSION = 1;

/** Where embeddings are kept, and how many. */
export interface EmbeddingCacheOptions {
  /** The user's cache folder by default. */
  readonly directory?: string | undefined;
  readonly limitBytes?: number | undefined;
}

/**
 * Embeddings on disk by what they are made of, so that a second protocol over the same images doesn't encode
 * again.
 */
export interface EmbeddingCache {
  /**
   * The embedding of an encoded image file, made by `encode` if it isn't kept yet. A file that can't be read
   * is made again; one that can't be written is not kept. A folder that others can write to is not used.
   */
  get(
    imageFile: Uint8Array,
    model: ModelIdentity,
    encode: () => Promise<ImageEmbedding>,
  ): Promise<ImageEmbedding>;
}

/**
 * Opens the folder; it is made with the first embedding.
 *
 * @example
 * import { readFile } from "node:fs/promises";
 * const cache = openEmbeddingCache({ directory: "embeddings" });
 * const file = await readFile("examples/still-life.jpg");
 * const embedding = await cache.get(file, sam.model, async () => predictor.getImageEmbedding());
 * console.log(embedding.imageSize); // { width: 1200, height: 800 }
 */
export function openEmbeddingCache({
  directory = join(cacheDirectory(), "embeddings"),
  limitBytes = DEFAULT_LIMIT_BYTES,
}: EmbeddingCacheOptions = {}): EmbeddingCache {
  return {
    async get(imageFile, model, encode) {
      if (await isShared(directory)) return encode();
      const path = join(directory, `${keyOf(imageFile, model)}${ENDING}`);
      const kept = await read(path, model);
      if (kept) return kept;
      const embedding = await encode();
      try {
        await mkdir(directory, { recursive: true });
        await write(path, embedding);
        await evict(directory, limitBytes, path);
      } catch {
        // A full or read-only disk costs time, not the result.
      }
      return embedding;
    },
  };
}

function keyOf(imageFile: Uint8Array, { checkpointSha256, precision = "fp32" }: ModelIdentity): string {
  const image = createHash("sha256").update(imageFile).digest("hex");
  return createHash("sha256").update(`${VERSION} ${image} ${checkpointSha256} ${precision}`).digest("hex");
}

/** Others could put their values in place of the model's. */
async function isShared(directory: string): Promise<boolean> {
  const stats = await stat(directory).catch(() => undefined);
  return stats !== undefined && whyShared(stats) !== undefined;
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

async function write(path: string, embedding: ImageEmbedding): Promise<void> {
  const bytes = encodeEmbedding(embedding);
  await writeFileAtomic(path, Buffer.concat([hashOf(bytes), bytes]));
}

async function read(path: string, model: ModelIdentity): Promise<ImageEmbedding | undefined> {
  try {
    const file = await readFile(path);
    const bytes = file.subarray(HASH_BYTES);
    if (!hashOf(bytes).equals(file.subarray(0, HASH_BYTES))) return undefined;
    const embedding = await decodeEmbedding(bytes, path);
    if (embedding.model.checkpointSha256 !== model.checkpointSha256) return undefined;
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined); // Tells when it was last used.
    return embedding;
  } catch {
    return undefined;
  }
}

/** Removes the least recently used until the folder is within its limit again; the newest stays. */
async function evict(directory: string, limitBytes: number, newest: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => ENTRY.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const info = await stat(path).catch(() => undefined); // Another process may have removed it.
      return { path, bytes: info?.size ?? 0, usedMs: info?.mtimeMs ?? 0 };
    }),
  );
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of files.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= limitBytes) return;
    if (path === newest) continue;
    await rm(path, { force: true });
    total -= bytes;
  }
}
