import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Context,
  DataEngineError,
  type ExportResult,
  type ExportWork,
  projectDataset,
  type WorkHandler,
} from "@segany/data-engine";
import { findFormat, type WriteReport } from "@segany/dataset";
import { zipFolder } from "../archives/zip-folder.js";
import type { BlobStore } from "../blobs/blob-store.js";
import { imageKeys } from "../records/stored-image.js";
import { openWorkFolder, zipKey } from "./work-folder.js";

/** How far an export is. */
export interface ExportProgress {
  readonly what: "writing" | "packing";
  readonly done: number;
  readonly annotations: number;
}

/**
 * Writes a project's masks into a folder, image by image, and packs it into the store. An attempt on the same
 * machine goes on with the folder that the last one left.
 *
 * @param directory the data folder
 */
export function createExportWork(context: Context, blobs: BlobStore, directory: string): WorkHandler {
  return async (item, { signal, progress }) => {
    const work = item.payload as ExportWork;
    const folder = await openWorkFolder(directory, item);
    const set = join(folder, "set");
    const report = await writeSet(context, blobs, set, work, signal, progress);
    const zip = blobs.temporaryPath();
    try {
      const { annotations } = report;
      const bytes = await zipFolder(set, zip, {
        signal,
        onFile: (done) => progress({ what: "packing", done, annotations } satisfies ExportProgress),
      });
      const file = zipKey("exports", item.id, item.attempt);
      await blobs.putFile(file, zip);
      await rm(folder, { recursive: true, force: true });
      return async () => resultOf(report, file, bytes);
    } finally {
      await rm(zip, { force: true });
    }
  };
}

async function writeSet(
  context: Context,
  blobs: BlobStore,
  path: string,
  { project, format, state, images }: ExportWork,
  signal: AbortSignal,
  progress: (value: ExportProgress) => void,
): Promise<WriteReport> {
  const readImage = async (id: string) => {
    const file = await blobs.get(imageKeys.file(id));
    if (file) return file;
    throw new DataEngineError("not-found", `The file of the image ${id} is missing; export without images.`);
  };
  const dataset = await projectDataset(context, project, { state, ...(images && { readImage }) });
  return findFormat(format).write(dataset, path, {
    ...{ images: images ? "copy" : "none", resume: true, signal },
    onProgress: ({ images: done, annotations }) => progress({ what: "writing", done, annotations }),
  });
}

function resultOf(report: WriteReport, file: string, bytes: number): ExportResult {
  const { images, annotations, imageFiles } = report;
  const losses = report.losses.map(({ what, count }) => ({ what, count }));
  return { file, bytes, images, annotations, imageFiles, losses };
}
