import { stemOf } from "@segany/dataset/formats";
import { StudioError } from "../errors.js";
import { cutOutPng } from "../pictures/cut-out-png.js";
import type { Picture } from "../state/types.js";
import type { ExportedFile } from "../studio.js";
import { safeFileName } from "./to-record.js";
import { zipFiles } from "./zip-files.js";

/**
 * All cut-outs of a picture as PNGs in a zip.
 *
 * @throws StudioError `nothing-to-export`
 */
export async function exportCutOuts(
  picture: Picture | null,
  bitmapOf: (pictureId: string) => Promise<ImageBitmap>,
): Promise<ExportedFile> {
  const cutOuts = picture?.history.present.cutOuts ?? [];
  if (!picture || cutOuts.length === 0)
    throw new StudioError("nothing-to-export", "The tray is empty: cut an object out first.");
  const bitmap = await bitmapOf(picture.id);
  const files: Record<string, Uint8Array> = {};
  for (const [i, { name, shape }] of cutOuts.entries()) {
    const png = await cutOutPng(bitmap, shape);
    files[`${i + 1}-${safeFileName(name)}.png`] = new Uint8Array(await png.arrayBuffer());
  }
  return { name: `${stemOf(safeFileName(picture.name))}-cut-outs.zip`, blob: await zipFiles(files) };
}
