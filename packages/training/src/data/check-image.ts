import { DatasetError, type DatasetErrorCode, type DatasetImage } from "@segany/dataset";
import { SamError, type SamErrorCode, type Size } from "@segany/masks";
import { readImageHeader } from "@segany/sam";
import type { DataProblem } from "./problems.js";

/** Most files have their size in so many bytes. */
const HEAD_BYTES = 2 ** 16;

/** What keeps an image from being trained on: its file is missing, can't be read or has another size. */
export async function checkImage(image: DatasetImage): Promise<DataProblem | undefined> {
  const { fileName, width, height, open } = image;
  if (!open) return { kind: "image-missing", fileName, message: `The image file ${fileName} isn't there.` };
  try {
    const found = await sizeOf(open, fileName);
    if (found.width === width && found.height === height) return undefined;
    const message = `The image file ${fileName} has ${found.width} x ${found.height} pixels, but the set, and so its masks, ${width} x ${height}.`;
    return { kind: "image-size", fileName, message };
  } catch (error) {
    if (!isOfFile(error)) throw error;
    return { kind: "image-unreadable", fileName, message: error.message };
  }
}

/** The size as the image is seen, from the beginning of the file if that says it. */
async function sizeOf(open: NonNullable<DatasetImage["open"]>, fileName: string): Promise<Size> {
  const name = `The image file ${fileName}`;
  const head = await open(HEAD_BYTES);
  return readImageHeader(head, name).catch(async (error: unknown) => {
    if (head.length < HEAD_BYTES) throw error;
    return readImageHeader(await open(), name);
  });
}

const OF_THE_FILE: ReadonlySet<string> = new Set<DatasetErrorCode | SamErrorCode>([
  "file-unreadable",
  "image-empty",
  "image-missing",
  "image-unreadable",
]);

/** Whether an error tells of the file; others, such as a cancellation, end the reading. */
function isOfFile(error: unknown): error is Error {
  return (error instanceof SamError || error instanceof DatasetError) && OF_THE_FILE.has(error.code);
}
