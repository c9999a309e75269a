import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  type Context,
  createImportWork,
  DataEngineError,
  type ImportWork,
  type OpenedSet,
  type WorkHandler,
  type WorkItem,
} from "@segany/data-engine";
import { type DatasetImage, openDataset } from "@segany/dataset";
import { unpackZip } from "../archives/unpack-zip.js";
import { ServerError } from "../errors.js";
import { type ReceivingServices, receiveUpload } from "../images/receive-upload.js";
import { openWorkFolder } from "./work-folder.js";

/** Unpacked files have at most so many times the bytes that may be uploaded. */
const UNPACKED = 2;

/** Problems of the set that no other attempt helps. */
const OF_THE_SET: ReadonlySet<string> = new Set(["body-invalid", "payload-too-large"]);

/**
 * Makes a task of a set that was uploaded as a zip file. Its records and images that can't be used are left
 * out.
 *
 * @param directory the data folder, in which the set is unpacked
 */
export function createImportSet(
  context: Context,
  services: ReceivingServices,
  directory: string,
): WorkHandler {
  const withSet = async <T>(
    item: WorkItem,
    signal: AbortSignal,
    use: (set: OpenedSet) => Promise<T>,
  ): Promise<T> => {
    const { file, format } = item.payload as ImportWork;
    const folder = await openWorkFolder(directory, item);
    const result = await asLasting(async () => {
      const path = await unpackOnce(await services.blobs.localPath(file), folder, services, signal);
      const onProblem = () => undefined;
      const dataset = await openDataset(path, { format, signal, onProblem });
      return use({ dataset, onProblem, addImage: (image) => addImage(image, services) });
    });
    await rm(folder, { recursive: true, force: true });
    return result;
  };
  return createImportWork(context, withSet);
}

/** The server's errors of the set, as errors that end the work. */
async function asLasting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOfTheSet = error instanceof ServerError && OF_THE_SET.has(error.code);
    throw isOfTheSet ? new DataEngineError("invalid", error.message, { cause: error }) : error;
  }
}

/** @returns the folder of the set; one that an earlier attempt has unpacked */
async function unpackOnce(
  zip: string,
  folder: string,
  { limits }: Pick<ReceivingServices, "limits">,
  signal: AbortSignal,
): Promise<string> {
  const set = join(folder, "set");
  if (!(await stat(set).catch(() => undefined))) {
    const unpacking = join(folder, "unpacking");
    await rm(unpacking, { recursive: true, force: true });
    await mkdir(unpacking);
    await unpackZip(zip, unpacking, { maxBytes: UNPACKED * limits.maxSetBytes, signal });
    await rename(unpacking, set);
  }
  const [only, ...others] = await readdir(set, { withFileTypes: true });
  return only?.isDirectory() && others.length === 0 ? join(set, only.name) : set;
}

/** @returns undefined for an image without a file, or that can't be read */
async function addImage(image: DatasetImage, services: ReceivingServices) {
  if (!image.open) return undefined;
  try {
    const { id, width, height } = await receiveUpload(
      Readable.from([await image.open()]),
      image.fileName,
      services,
    );
    return { id, name: image.fileName, width, height };
  } catch (error) {
    if (error instanceof ServerError && OF_AN_IMAGE.has(error.code)) return undefined;
    throw error;
  }
}

const OF_AN_IMAGE: ReadonlySet<string> = new Set([
  "image-too-large",
  "image-unreadable",
  "payload-too-large",
  "unsupported-media-type",
]);
