import { type RgbaImage, SamError, type SamErrorCode } from "@segany/masks";
import { readImage } from "@segany/sam";

/** Of an image that will never be read; other errors pass. */
const OF_THE_IMAGE: ReadonlySet<string> = new Set<SamErrorCode>([
  "image-empty",
  "image-too-large",
  "image-unreadable",
]);

/** The image, or why it can't be read. */
export async function readPixels(
  read: () => Promise<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<RgbaImage | { readonly problem: string }> {
  try {
    return await readImage(await read(), signal ? { signal } : {});
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (!isMissing && !(error instanceof SamError && OF_THE_IMAGE.has(error.code))) throw error;
    return { problem: isMissing ? "The file is missing." : (error as SamError).message };
  }
}
