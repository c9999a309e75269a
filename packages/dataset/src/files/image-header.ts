import { SamError } from "@segany/masks";
import { type ImageHeader, readImageHeader as readHeader } from "@segany/sam/images";
import { DatasetError } from "../errors.js";

/**
 * Reads the header of an image file, of a format that the model's own reader takes.
 *
 * @param source a path, or the bytes of a file
 * @param name what to call the file in an error message
 * @throws DatasetError `file-unreadable`
 */
export async function readImageHeader(source: string | Uint8Array, name: string): Promise<ImageHeader> {
  return readHeader(source, `The image "${name}"`).catch((cause: unknown) => {
    throw imageError(cause);
  });
}

/** An error of the library that reads images, as one of this package's. */
export function imageError(error: unknown): unknown {
  return error instanceof SamError
    ? new DatasetError("file-unreadable", error.message, { cause: error })
    : error;
}
