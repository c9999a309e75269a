/** Masks of files of any format into the images that they are of. */

import { createNameMatcher, stemOf } from "@segany/dataset/formats";
import type { KnownImage } from "@segany/dataset/readers";
import { messageOf, StudioError } from "../errors.js";
import { importMasks } from "../formats/import-masks.js";
import { importSet, type MaskSet, sortFiles } from "../formats/import-sets.js";
import type { MaskFile } from "../formats/imported-file.js";
import { unpackFiles } from "../formats/unpack-files.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage } from "../state/types.js";
import { addImported } from "./add-masks.js";
import { turnMasks } from "./turn-masks.js";

/** What the user calls the formats. */
const TITLES: Readonly<Record<MaskSet["format"], string>> = {
  cvat: "CVAT",
  labelme: "LabelMe",
  labelstudio: "Label Studio",
  voc: "Pascal VOC",
  yolo: "YOLO",
};

/**
 * Adds masks. Files of one format are read together: those of YOLO need the names of their classes.
 *
 * @param mayBeNone whether files without masks are nothing to complain of
 * @returns what could not be read, and why
 */
export async function addMaskFiles(
  store: StudioStore,
  files: readonly File[],
  mayBeNone = false,
): Promise<readonly string[]> {
  if (files.length === 0) return [];
  const failures: string[] = [];
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      failures.push(messageOf(error));
    }
  };
  const add = async (name: string, file: MaskFile) =>
    addImported(store, name, await turnMasks(file, store.getState()));
  await attempt(async () => {
    const { sets, others } = sortFiles(await unpackFiles(files));
    if (sets.length === 0 && others.length === 0 && !mayBeNone)
      throw new StudioError(
        "masks-invalid",
        `"${files[0]!.name}" has no masks that this page reads. Take SA-1B, COCO, LabelMe, Label Studio, CVAT, Pascal VOC or YOLO.`,
      );
    for (const [path, bytes] of others) await attempt(async () => add(path, importMasks(bytes, path)));
    for (const set of sets)
      await attempt(async () => {
        const [first, ...more] = set.files.keys();
        const name = more.length === 0 ? first! : `${more.length + 1} files of ${TITLES[set.format]}`;
        await add(name, await importSet(set, finderOf(store.getState().images)));
      });
  });
  return failures;
}

/** Finds images by their names, with an extension or without. */
function finderOf(images: readonly GalleryImage[]): (name: string) => KnownImage | undefined {
  const byName = new Map(images.map((image) => [image.name, image]));
  const byStem = new Map(images.map((image) => [stemOf(image.name), image]));
  const [names, stems] = [createNameMatcher(byName.keys()), createNameMatcher(byStem.keys())];
  return (name) => {
    const image =
      byName.get(names.find(`/${name}`)?.name ?? "") ?? byStem.get(stems.find(`/${name}`)?.name ?? "");
    return image && { fileName: image.name, width: image.width, height: image.height };
  };
}
