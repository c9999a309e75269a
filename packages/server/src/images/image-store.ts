import type { StoredImage } from "../records/stored-image.js";

/** The images that are there. Everything is asynchronous, so that a database can stand here. */
export interface ImageStore {
  /** Newest first. */
  list(): Promise<readonly StoredImage[]>;
  count(): Promise<number>;
  find(id: string): Promise<StoredImage | undefined>;
  /** @throws ServerError `not-found` */
  get(id: string): Promise<StoredImage>;
  /** At most `count` of those that follow in the list; none for an image that isn't there. */
  after(id: string, count: number): Promise<readonly StoredImage[]>;
  /**
   * Takes over the uploaded file and its thumbnail, both by temporary path. On return they outlive a crash; when it
   * fails nothing of them is left.
   *
   * @returns the record, which is the older one where the image was there already
   * @throws ServerError `storage-full`
   */
  add(image: StoredImage, filePath: string, thumbnailPath: string): Promise<StoredImage>;
  /** Removes it with its masks. */
  delete(id: string): Promise<void>;
}
