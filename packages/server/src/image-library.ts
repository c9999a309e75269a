import { open, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { imageIdSchema } from "./contract/images.js";
import { openDataFolder } from "./folder/data-folder.js";
import { openImageWorker } from "./images/image-worker.js";
import { openImageStore } from "./images/open-image-store.js";
import { receiveUpload } from "./images/receive-upload.js";
import { openBlobs } from "./open-blobs.js";
import { type Cluster, DEFAULT_LIMITS } from "./options.js";
import { imageKeys, type StoredImage, storedImageSchema } from "./records/stored-image.js";

/**
 * Reads image files of a data folder, which a server may be using: a stored file never changes.
 *
 * @returns gives the file of an image's id as it was uploaded; rejects with the system's error if there is
 *   none
 *
 * @example
 * const read = createImageReader("library-of-the-example");
 * await read("0".repeat(64)).catch((error) => console.log(error.code)); // ENOENT
 */
export function createImageReader(directory: string): (id: string) => Promise<Uint8Array> {
  return (id) => readFile(join(directory, imageKeys.file(imageIdSchema.parse(id))));
}

/**
 * Lists the images of a data folder, which a server may be using, by name. Records that can't be read are
 * left out.
 *
 * @example
 * console.log(await listStoredImages("library-of-the-example")); // []
 */
export async function listStoredImages(directory: string): Promise<readonly StoredImage[]> {
  const ids = await readdir(join(directory, "images")).catch(() => []);
  const found: StoredImage[] = [];
  for (const id of ids) {
    if (!imageIdSchema.safeParse(id).success) continue;
    const record = await readFile(join(directory, imageKeys.info(id)), "utf8")
      .then((text) => storedImageSchema.parse(JSON.parse(text)))
      .catch(() => undefined); // deleted in between, damaged, or of a newer version
    if (record?.id === id) found.push(record);
  }
  return found.sort((a, b) => (a.name < b.name || (a.name === b.name && a.id < b.id) ? -1 : 1));
}

/** The images of a data folder, for commands that need no model and no server. */
export interface ImageLibrary {
  /** Absolute path of the data folder. */
  readonly path: string;
  /**
   * Copies an image file into the folder, like an upload. A file that is stored already isn't stored twice.
   *
   * @throws ServerError as for an upload; the system's error for a file that can't be read
   */
  addFile(path: string): Promise<StoredImage>;
  /** The same for a stream. @param name the file's */
  add(stream: Readable, name: string): Promise<StoredImage>;
  /** Releases the folder. */
  close(): Promise<void>;
}

/**
 * Opens a data folder, or makes one, and locks it against servers.
 *
 * @param cluster has the images instead of the folder, if given
 * @throws StartError `folder-foreign`, `folder-in-use`, `folder-unusable`
 *
 * @example
 * const library = await openImageLibrary("library-of-the-example");
 * console.log((await library.addFile("examples/still-life.jpg")).width);
 * await library.close();
 */
export async function openImageLibrary(directory: string, cluster?: Cluster): Promise<ImageLibrary> {
  const limits = DEFAULT_LIMITS;
  const folder = await openDataFolder(directory, "another segany command");
  const imageWorker = openImageWorker({ maxPixels: limits.maxPixels });
  const blobs = await openBlobs(folder, cluster);
  const images = await openImageStore(blobs, () => undefined);
  const add = (stream: Readable, name: string) =>
    receiveUpload(stream, name, { blobs, images, imageWorker, limits });
  return {
    path: folder.path,
    async addFile(path) {
      const file = await open(path);
      return add(file.createReadStream(), basename(path));
    },
    add,
    async close() {
      await imageWorker.close();
      await folder.close();
    },
  };
}
