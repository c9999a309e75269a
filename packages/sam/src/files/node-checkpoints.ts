import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SamError, throwIfAborted } from "@segany/masks";
import type { PublishedFile } from "@segany/runtime";
import { cacheDirectory, hashFile } from "@segany/runtime/files";
import { downloadFile, type FileDownloadOptions } from "@segany/runtime/node";
import type { CheckpointDownload, LinkedDownload, ModelVariant } from "../checkpoint/registry.js";
import { askHost, recordPath, rememberedFile, rememberFile } from "./node-linked-file.js";

/** Where a checkpoint is downloaded from and to. */
export interface DownloadOptions extends FileDownloadOptions {
  /** Cache folder; {@link cacheDirectory} by default. */
  readonly cacheDir?: string;
  /** Folder to download the file from instead of its authors' page: a mirror. The hash must be the same. */
  readonly baseUrl?: string;
}

/** A model with a file: SAM's, or one for words. */
interface KnownModel {
  readonly name: string;
  readonly source: ModelVariant["source"] | LinkedDownload;
}

/** Path of a model's checkpoint after its download: `<cache>/checkpoints/<file name>`. */
export function checkpointPath(source: CheckpointDownload | LinkedDownload, cacheDir: string): string {
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
  const wanted = variant.source.kind === "linked" ? await rememberedFile(path) : variant.source;
  if (!stats?.isFile() || stats.size !== wanted?.sizeBytes) return undefined;
  const sha256 = await hashFile(path, { cacheDirectory: cacheDir }).catch(() => undefined);
  return sha256 === wanted.sha256 ? path : undefined;
}

/**
 * Downloads a model's checkpoint into the cache folder and verifies its hashes, or the one that its host
 * tells of a file whose authors publish none. An interrupted download is resumed. Concurrent downloads of the
 * same file write separate partial files.
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
    const file = source.kind === "linked" ? await linkedFile(url, target, options) : { ...source, url };
    await downloadFile(file, target, options);
    if (source.kind === "linked") await rememberFile(target, file);
    return target;
  } catch (error) {
    throw error instanceof SamError && error.code === "download-failed"
      ? withInstructions(error, variant.name, url, target)
      : error;
  }
}

/** What the host says of a file now, which must be what it said the first time. */
async function linkedFile(url: string, target: string, options: DownloadOptions): Promise<PublishedFile> {
  const [known, told] = [await rememberedFile(target), await askHost(url, options)];
  if (known === undefined || known.sha256 === told.sha256) return told;
  throw new SamError(
    "download-failed",
    `the file's sha256 was ${known.sha256} when it was first downloaded, and is ${told.sha256} now. Delete ${recordPath(target)} if that is to be trusted`,
  );
}

function withInstructions(error: SamError, name: string, url: string, target: string): SamError {
  return new SamError(
    "download-failed",
    `Cannot download ${name}: ${error.message}. Retry, or download ${url} by other means and put it into ${dirname(target)} as ${basename(target)}.`,
    { cause: error },
  );
}
