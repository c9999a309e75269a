import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { DatasetError, type DatasetImage, type MaskAnnotation, parseJson } from "@segany/dataset";
import { decodeRle, type Mask, parseRle, SamError, type Size } from "@segany/masks";
import { readFileUpTo } from "@segany/runtime/files";
import { EvaluationError } from "../errors.js";
import { byAnnotator } from "./samples.js";

/** Five times what the Berkeley set's 500 images take. */
const MAX_FILE_BYTES = 2 ** 28;
/** Of an image; each takes a byte a pixel in memory. */
const MAX_MAPS = 100;

/** The boundary maps of an image, one an annotator. */
export type BoundaryReader = (image: DatasetImage, annotations: readonly MaskAnnotation[]) => Mask[];

/**
 * Boundary maps of a set: those of `boundaries.json` beside its annotations (`{ images: [{ id, file_name }],
 * boundaries: [{ image_id, annotator, segmentation }] }`, as the Berkeley set has them), or where there is no
 * such file the borders between each annotator's masks.
 *
 * @throws EvaluationError `boundaries-invalid`
 */
export async function openBoundaries(
  folder: string,
): Promise<{ readonly source: "file" | "masks"; readonly read: BoundaryReader }> {
  const path = join(folder, "boundaries.json");
  if ((await lstat(path).catch(() => undefined)) === undefined) {
    return {
      source: "masks",
      read: (image, annotations) => byAnnotator(annotations).map((group) => borders(image, group)),
    };
  }
  const maps = await readMaps(path);
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

/** The maps of each image, by its file name; their run lengths aren't looked at yet. */
async function readMaps(path: string): Promise<Map<string, unknown[]>> {
  try {
    const value = Object(parseJson(await readFileUpTo(path, MAX_FILE_BYTES), "it"));
    const names = new Map(listOf(value, "images").map(nameOfImage));
    const maps = new Map<string, unknown[]>([...names.values()].map((name) => [name, []]));
    for (const [i, entry] of listOf(value, "boundaries").entries()) {
      const { image_id: id, segmentation } = Object(entry) as Record<string, unknown>;
      const ofImage = maps.get(names.get(id) ?? "");
      if (!ofImage) throw new Fault(`boundary ${i} has no image_id of an image that is listed`);
      if (ofImage.push(segmentation) > MAX_MAPS)
        throw new Fault(`image ${id} has more than ${MAX_MAPS} boundary maps`);
    }
    return maps;
  } catch (cause) {
    if (!(cause instanceof Fault || cause instanceof DatasetError || cause instanceof SamError)) throw cause;
    throw new EvaluationError(
      "boundaries-invalid",
      `"${path}" can't be used: ${cause.message.replace(/\.$/, "")}. It needs images and boundaries, as its description says.`,
      { cause },
    );
  }
}

/** What is wrong with the file. */
class Fault extends Error {}

function listOf(value: Record<string, unknown>, name: string): unknown[] {
  const list = value[name];
  if (Array.isArray(list)) return list;
  throw new Fault(`it has no list "${name}"`);
}

function nameOfImage(entry: unknown, i: number): [id: unknown, name: string] {
  const { id, file_name: name } = Object(entry) as Record<string, unknown>;
  if (typeof id === "number" && typeof name === "string") return [id, name];
  throw new Fault(`image ${i} has no id and file_name`);
}

/** Pixels whose right or lower neighbour, or the one below right, belongs to another mask or to none. */
function borders({ width, height }: DatasetImage, annotations: readonly MaskAnnotation[]): Mask {
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
