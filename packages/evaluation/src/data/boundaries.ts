import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Annotation, DatasetImage } from "@segany/dataset";
import { decodeRle, type Mask, parseRle, SamError, type Size } from "@segany/masks";
import { EvaluationError } from "../errors.js";
import { byAnnotator } from "./samples.js";

/** The boundary maps of an image, one an annotator. */
export type BoundaryReader = (image: DatasetImage, annotations: readonly Annotation[]) => Mask[];

/**
 * Boundary maps of a set: those of `boundaries.json` beside its annotations (`{ images: [{ id, file_name }], boundaries:
 * [{ image_id, annotator, segmentation }] }`, as the Berkeley set has them), or where there is no such file the borders
 * between each annotator's masks.
 *
 * @throws EvaluationError `boundaries-invalid`
 */
export async function openBoundaries(
  folder: string,
): Promise<{ readonly source: "file" | "masks"; readonly read: BoundaryReader }> {
  const path = join(folder, "boundaries.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    return {
      source: "masks",
      read: (image, annotations) => byAnnotator(annotations).map((group) => borders(image, group)),
    };
  }
  const maps = parseBoundaries(text, path);
  return {
    source: "file",
    read({ fileName, width, height }) {
      const masks = (maps.get(fileName) ?? []).map((rle) =>
        readMap(rle, `"${path}": ${fileName}`, { width, height }),
      );
      if (masks.length > 0) return masks;
      throw new EvaluationError(
        "boundaries-invalid",
        `"${path}" has no boundary map for ${fileName} (${width} x ${height}); ${WHAT_TO_GIVE}`,
      );
    },
  };
}

const WHAT_TO_GIVE =
  "give one of the image's size for each annotator, or remove the file to use the masks' borders.";

function readMap(rle: unknown, where: string, size: Size): Mask {
  try {
    return decodeRle(parseRle(rle, where, { size }));
  } catch (cause) {
    if (!(cause instanceof SamError)) throw cause;
    throw new EvaluationError("boundaries-invalid", `${cause.message} Boundary maps: ${WHAT_TO_GIVE}`, {
      cause,
    });
  }
}

function parseBoundaries(text: string, path: string): Map<string, unknown[]> {
  try {
    const { images, boundaries } = JSON.parse(text) as {
      images: { id: number; file_name: string }[];
      boundaries: { image_id: number; segmentation: unknown }[];
    };
    const names = new Map(images.map(({ id, file_name: name }) => [id, name] as const));
    const maps = new Map<string, unknown[]>();
    for (const { image_id: id, segmentation } of boundaries) {
      const name = names.get(id);
      if (name === undefined) throw new Error(`a map names image ${id}, which isn't listed`);
      maps.set(name, [...(maps.get(name) ?? []), segmentation]);
    }
    return maps;
  } catch (cause) {
    throw new EvaluationError(
      "boundaries-invalid",
      `"${path}" can't be used: ${(cause as Error).message}. It needs images and boundaries, as its description says.`,
      { cause },
    );
  }
}

/** Pixels whose right or lower neighbour, or the one below right, belongs to another mask or to none. */
function borders({ width, height }: DatasetImage, annotations: readonly Annotation[]): Mask {
  const labels = new Int32Array(width * height);
  annotations.forEach(({ segmentation }, i) => {
    const { data } = decodeRle(segmentation);
    for (let pixel = 0; pixel < data.length; pixel++) if (data[pixel] === 1) labels[pixel] = i + 1;
  });
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = labels[y * width + x]!;
      const right = Math.min(x + 1, width - 1);
      const below = Math.min(y + 1, height - 1) * width;
      const isBorder = [y * width + right, below + x, below + right].some((pixel) => labels[pixel] !== here);
      if (isBorder) data[y * width + x] = 1;
    }
  }
  return { width, height, data };
}
