import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SamError, throwIfAborted } from "@segany/masks";
import { cacheDirectory, hashFile } from "@segany/runtime/files";
import { downloadFile, type FileDownloadOptions } from "@segany/runtime/node";
import type { CheckpointDownload, ModelVariant } from "../checkpoint/registry.js";

/** Where a checkpoint is downloaded from and to. */
export interface DownloadOptions extends FileDownloadOptions {
  /** Cache folder; {@link cacheDirectory} by default. */
  readonly cacheDir?: string;
  /** Folder to download the file from instead of its authors' page: a mirror. The hash must be the same. */
  readonly baseUrl?: string;
}

/** A model with a file: SAM's, or one for words. */
type KnownModel = Pick<ModelVariant, "name" | "source">;

/** Path of a model's checkpoint after its download: `<cache>/checkpoints/<file name>`. */
export function checkpointPath(source: CheckpointDownload, cacheDir: string): string {
  return join(cacheDir, "checkpoints", source.fileName);
}

/**
 * Path of a model's downloaded checkpoint if it is the published file, else `undefined`. The file is hashed
 * once and after every change.
 *
 * @example
 * const path = await findCheckpoint(findModelVariant("vit_b"));
 * if (path === undefined) console.log("vit_b is not downloaded yet.");
 */
export async function findCheckpoint(
  variant: KnownModel,
  cacheDir = cacheDirectory(),
): Promise<string | undefined> {
  if (variant.source.kind === "embedded") return undefined;
  const path = checkpointPath(variant.source, cacheDir);
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile() || stats.size !== variant.source.sizeBytes) return undefined;
  const sha256 = await hashFile(path, { cacheDirectory: cacheDir }).catch(() => undefined);
  return sha256 === variant.source.sha256 ? path : undefined;
}

/**
 * Downloads a model's checkpoint into the cache folder and verifies its hashes. An interrupted download is
 * resumed. Concurrent downloads of the same file write separate partial files.
 *
 * @returns path of the checkpoint, also if it existed before
 * @throws SamError `option-invalid` for an embedded model, `download-failed` (with the URL and where to put
 *   the file), `file-unwritable`, `aborted`
 *
 * @example
 * const variant = findModelVariant("mobile_sam");
 * const download = () => downloadCheckpoint(variant, { baseUrl: "https://models.example.org/sam" });
 * const path = variant.source.kind === "embedded" ? "none" : await download();
 * console.log(path); // none
 */
export async function downloadCheckpoint(
  variant: KnownModel,
  options: DownloadOptions = {},
): Promise<string> {
  const { source } = variant;
  if (source.kind === "embedded") {
    throw new SamError(
      "option-invalid",
      `The weights of ${variant.name} are included; there is nothing to download.`,
    );
  }
  const { cacheDir = cacheDirectory(), signal, baseUrl } = options;
  throwIfAborted(signal);
  const found = await findCheckpoint(variant, cacheDir);
  if (found !== undefined) return found;
  const url =
    baseUrl === undefined ? source.url : new URL(source.fileName, `${baseUrl.replace(/\/$/, "")}/`).href;
  const target = checkpointPath(source, cacheDir);
  try {
    await downloadFile({ ...source, url }, target, options);
    return target;
  } catch (error) {
    throw error instanceof SamError && error.code === "download-failed"
      ? withInstructions(error, variant.name, url, target)
      : error;
  }
}

function withInstructions(error: SamError, name: string, url: string, target: string): SamError {
  return new SamError(
    "download-failed",
    `Cannot download ${name}: ${error.message}. Retry, or download ${url} by other means and put it into ${dirname(target)} as ${basename(target)}.`,
    { cause: error },
  );
}
