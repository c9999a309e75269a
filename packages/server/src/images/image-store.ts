import type { StoredImage } from "../records/stored-image.js";

/** The stored images. All methods are asynchronous, so that a database can implement the interface. */
export interface ImageStore {
  /** Newest first. */
  list(): Promise<readonly StoredImage[]>;
  count(): Promise<number>;
  find(id: string): Promise<StoredImage | undefined>;
  /** @throws ServerError `not-found` */
  get(id: string): Promise<StoredImage>;
  /** At most `count` images that follow in the list; none for an unknown id. */
  after(id: string, count: number): Promise<readonly StoredImage[]>;
  /**
   * Stores the uploaded file and its thumbnail, given as temporary paths. When the promise resolves, they
   * survive a crash; when it rejects, nothing is left of them.
   *
   * @returns the record; the existing one if the image was stored before
   * @throws ServerError `storage-full`
   */
  add(image: StoredImage, filePath: string, thumbnailPath: string): Promise<StoredImage>;
  /** Removes the image with its masks. */
  delete(id: string): Promise<void>;
}
