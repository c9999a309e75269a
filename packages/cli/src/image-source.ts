import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { ImageOptions } from "./image-options.js";
import { readInput, STANDARD_INPUT } from "./read-input.js";

/** More than an image of 268 megapixels takes in any usual format. */
const MAX_IMAGE_BYTES = 2 ** 30;

/**
 * What `readImage` reads: the path, or the bytes of standard input ("-") and of pipes, which can be read once
 * only.
 */
export async function imageSource(path: string): Promise<string | Uint8Array> {
  const isOnce = path === STANDARD_INPUT || (await stat(path).catch(() => undefined))?.isFIFO();
  return isOnce ? readInput(path, MAX_IMAGE_BYTES) : path;
}

/**
 * Identifies an image as it is read: by its file, and by options that select other pixels of it.
 *
 * @throws SamError `file-unreadable`
 */
export async function imageSha256(
  source: string | Uint8Array,
  { intensity, bands, page }: ImageOptions,
): Promise<string> {
  const file = sha256(typeof source === "string" ? await readInput(source, MAX_IMAGE_BYTES) : source);
  const options = JSON.stringify({ intensity, bands, page });
  return options === "{}" ? file : sha256(file + options);
}

function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
