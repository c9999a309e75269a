import { join } from "node:path";
import { DatasetError } from "../errors.js";
import { checkFileName } from "../formats/file-names.js";
import type { WriteOptions } from "../formats/format.js";
import { type OnProblem, setAside } from "../formats/set-aside.js";
import type { DatasetImage } from "../record.js";
import { isFile, readBytes } from "./files.js";
import type { OutputFolder } from "./output-folder.js";

/** Adds how to open the image to an image whose file lies in one of the folders; gives it back as it is where there is none. */
export async function withImageFile(image: DatasetImage, folders: readonly string[]): Promise<DatasetImage> {
  for (const folder of folders) {
    const path = join(folder, checkFileName(image.fileName, folder));
    if (await isFile(path)) return { ...image, open: () => readBytes(path) };
  }
  return image;
}

/** The bytes of an image's file; undefined where there is none, or it can't be read and somebody takes the problem. */
export async function readImageFile(
  { open, fileName }: DatasetImage,
  onProblem: OnProblem | undefined,
): Promise<Uint8Array | undefined> {
  return open?.().catch((error: unknown) => setAside(error, `The image "${fileName}"`, onProblem));
}

/** What became of an image file: written, already there and kept, or there is none to write. */
export type ImageFileOutcome = "written" | "kept" | "missing";

/** Copies image files into a folder, each name once. */
export interface ImageFileWriter {
  /**
   * @param fileName where to, relative to the folder; the image's own name when absent
   * @throws DatasetError `dataset-invalid` for a name that was there before, `name-unsafe`, `file-unwritable`, `aborted`
   */
  write(image: DatasetImage, fileName?: string): Promise<ImageFileOutcome>;
}

/**
 * Begins copying image files into an output folder.
 *
 * @param folder relative to the output folder; "" for the output folder itself
 */
export function createImageFileWriter(
  output: OutputFolder,
  folder: string,
  { images = "copy", onProblem }: Pick<WriteOptions, "images" | "onProblem"> = {},
): ImageFileWriter {
  const names = new Set<string>();
  return {
    async write(image, fileName = image.fileName) {
      checkFileName(fileName, `Image ${image.id}`);
      // Many file systems do not tell upper from lower case.
      const name = fileName.toLowerCase();
      if (names.has(name)) {
        throw new DatasetError(
          "dataset-invalid",
          `Image ${image.id} has the file name "${fileName}", which another image has too; rename one of them.`,
        );
      }
      names.add(name);
      if (images === "none" || !image.open) return "missing";
      const bytes = await readImageFile(image, onProblem);
      return bytes ? output.write(join(folder, fileName), bytes) : "missing";
    },
  };
}
