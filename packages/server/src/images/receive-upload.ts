import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BlobStore } from "../blobs/blob-store.js";
import { ServerError } from "../errors.js";
import type { Limits } from "../options.js";
import type { StoredImage } from "../records/stored-image.js";
import type { ImageStore } from "./image-store.js";
import type { ImageWorker } from "./image-worker.js";

const MAX_NAME = 255;

/** What stores an image. */
export interface ReceivingServices {
  readonly blobs: BlobStore;
  readonly images: ImageStore;
  readonly imageWorker: ImageWorker;
  readonly limits: Limits;
}

/**
 * Stores an uploaded image. It resolves when the file, its thumbnail and its record are on disk. For a file
 * that is stored already it returns the existing record.
 *
 * @throws ServerError `payload-too-large`, `unsupported-media-type`, `image-too-large`, `image-unreadable`,
 *   `overloaded`, `stopping`
 */
export async function receiveUpload(
  stream: Readable,
  name: string,
  { blobs, images, imageWorker, limits }: ReceivingServices,
): Promise<StoredImage> {
  const path = blobs.temporaryPath();
  const thumbnailPath = blobs.temporaryPath();
  try {
    const { id, bytes } = await writeHashed(stream, path, limits.maxUploadBytes);
    if (bytes === 0) throw new ServerError("image-unreadable", "The file is empty; send a complete image.");
    const there = await images.find(id);
    if (there) return there;
    const inspected = await imageWorker.inspect(path, thumbnailPath);
    const createdAt = new Date().toISOString();
    const image = { id, ...inspected, name: cleanName(name), bytes, createdAt };
    return await images.add(image, path, thumbnailPath);
  } finally {
    await rm(path, { force: true });
    await rm(thumbnailPath, { force: true });
  }
}

/**
 * Writes an upload to a file that does not exist yet.
 *
 * @throws ServerError `payload-too-large`, `bad-request`
 */
export async function writeHashed(
  stream: Readable,
  path: string,
  maxBytes: number,
): Promise<{ readonly id: string; readonly bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > maxBytes ? tooLarge(maxBytes) : null, chunk);
    },
  });
  const file = createWriteStream(path, { flags: "wx" });
  // the stream that failed first, before this perhaps; the other one then fails with the same error
  let first: "upload" | "file" | undefined = stream.errored ? "upload" : undefined;
  stream.once("error", () => {
    first ??= "upload";
  });
  file.once("error", () => {
    first ??= "file";
  });
  try {
    await pipeline(stream, measure, file);
  } catch (error) {
    if (error instanceof ServerError || first !== "upload") throw error;
    throw new ServerError("bad-request", "The upload was interrupted; send the complete file.", {
      cause: error,
    });
  }
  return { id: hash.digest("hex"), bytes };
}

/** The error for a file above the limit. */
export function tooLarge(maxBytes: number): ServerError {
  return new ServerError(
    "payload-too-large",
    `The file has more than ${Math.floor(maxBytes / 2 ** 20)} MiB; send a smaller one.`,
  );
}

/** The last part of a path, without control characters; it is only displayed, never used as a path. */
function cleanName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? "";
  const shown = [...last].filter((char) => char >= " " && char !== "\u007f").join("");
  return shown.slice(0, MAX_NAME) || "image";
}
