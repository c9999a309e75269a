import { readableImageFormats } from "@segany/sam";
import sharp, { type Metadata } from "sharp";
import { DatasetError } from "../errors.js";

/**
 * Reads the header of an image file, of a format that the model's own reader takes: others, such as SVG, may make the
 * decoding library fetch files or draw for hours.
 *
 * @param name what to call the file in an error message
 * @throws DatasetError `file-unreadable`
 */
export async function readImageHeader(bytes: Uint8Array, name: string): Promise<Metadata> {
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw unreadableImage(name, (cause as Error).message, cause);
    });
  if ((await readableImageFormats()).includes(header.format)) return header;
  throw unreadableImage(name, `${header.format} is no format that is taken; convert it to JPEG or PNG`);
}

/** The error for an image file that is damaged or of no use. */
export function unreadableImage(name: string, reason: string, cause?: unknown): DatasetError {
  return new DatasetError("file-unreadable", `The image "${name}" can't be read: ${reason}`, { cause });
}
