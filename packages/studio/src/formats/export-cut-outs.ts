import { stemOf } from "@segany/dataset/formats";
import { StudioError } from "../errors.js";
import { cutOutPng } from "../images/cut-out-png.js";
import type { GalleryImage } from "../state/types.js";
import type { ExportedFile } from "../studio.js";
import { safeFileName } from "./to-record.js";
import { zipFiles } from "./zip-files.js";

/**
 * All cut-outs of an image as PNGs in a zip.
 *
 * @throws StudioError `nothing-to-export`
 */
export async function exportCutOuts(
  image: GalleryImage | null,
  bitmapOf: (imageId: string) => Promise<ImageBitmap>,
): Promise<ExportedFile> {
  const cutOuts = image?.history.present.cutOuts ?? [];
  if (!image || cutOuts.length === 0)
    throw new StudioError("nothing-to-export", "The tray is empty: cut an object out first.");
  const bitmap = await bitmapOf(image.id);
  const files: Record<string, Uint8Array> = {};
  for (const [i, { name, shape }] of cutOuts.entries()) {
    const png = await cutOutPng(bitmap, shape);
    files[`${i + 1}-${safeFileName(name)}.png`] = new Uint8Array(await png.arrayBuffer());
  }
  return { name: `${stemOf(safeFileName(image.name))}-cut-outs.zip`, blob: await zipFiles(files) };
}
