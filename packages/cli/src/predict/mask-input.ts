import { SamError, type Size } from "@segany/masks";
import { type MaskValues, type ModelInfo, maskToLogits, readImage, readNpy, sniffImage } from "@segany/sam";
import { readInput } from "../read-input.js";

/** Three masks of a prompt take 768 KiB as logits, an image of 16 megapixels as much as this. */
const MAX_FILE_BYTES = 2 ** 26;

/** A file of a rough mask: its size and values decide what they mean once image and model are known. */
export interface MaskFile {
  readonly name: string;
  /** Which of the file's masks it is, where there are several. */
  readonly which?: string;
  readonly values: MaskValues & { readonly data: Float32Array | Uint8Array };
}

/** Logits for the decoder. */
export interface MaskInput {
  readonly logits: Float32Array;
  /** What was converted or selected. */
  readonly notices: readonly string[];
}

/**
 * Reads a rough mask: an image, or `.npy` of one mask or several.
 *
 * @param index which of several, from 1; default is the first
 * @throws SamError `file-unreadable`, `image-unreadable`, `prompt-invalid`
 */
export async function readMaskFile(path: string, index?: number): Promise<MaskFile> {
  const bytes = await readInput(path, MAX_FILE_BYTES);
  if (!sniffImage(bytes).format) return fromArray(path, bytes, index);
  if (index !== undefined && index !== 1) throw noSuchMask(path, index, 1);
  const { width, height, data } = await readImage(bytes, { name: path, intensity: "full" });
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++)
    values[i] = Math.max(data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!);
  return { name: path, values: { width, height, data: values } };
}

function fromArray(path: string, bytes: Uint8Array, index: number | undefined): MaskFile {
  const { data, shape } = readNpy(bytes, path);
  const [height = 0, width = 0] = shape.slice(-2);
  const count = shape.length === 3 ? shape[0]! : 1;
  if (shape.length < 2 || shape.length > 3 || count * width * height === 0)
    throw new SamError(
      "prompt-invalid",
      `${path} has the shape [${shape.join(", ")}]; a rough mask is [S, S] logits or an [H, W] mask, and a file may have several, [N, S, S].`,
    );
  const selected = index ?? 1;
  if (selected < 1 || selected > count) throw noSuchMask(path, selected, count);
  const size = width * height;
  const values = data.subarray((selected - 1) * size, selected * size);
  const which = count > 1 && index === undefined ? `the first of ${count} masks` : undefined;
  return { name: path, ...(which && { which }), values: { width, height, data: values } };
}

function noSuchMask(path: string, index: number, count: number): SamError {
  const masks = count === 1 ? "one mask" : `${count} masks`;
  return new SamError("prompt-invalid", `--mask-index ${index}: ${path} has ${masks}.`);
}

/**
 * Converts a rough mask to the decoder's logits. Values below 0, and floating-point values above 1, are
 * logits already.
 *
 * @throws SamError `prompt-invalid` for another size
 */
export function toMaskInput(
  { name, which, values }: MaskFile,
  { imageSize, model }: { readonly imageSize: Size; readonly model: ModelInfo },
): MaskInput {
  const notices = which ? [`${name}: ${which} is used; --mask-index selects another.`] : [];
  const { width, height, data } = values;
  if (isLogits(data)) return { logits: data, notices }; // the predictor checks their number
  const inFrame = width === model.maskSide && height === width && !isSameSize(values, imageSize);
  const logits = inFrame
    ? maskToLogits(values, { imageSize: values, model: { ...model, fit: "stretch" } })
    : maskToLogits(values, { imageSize, model });
  notices.push(`${name}: its values are a mask, not logits; they were converted to logits within ±10.`);
  return { logits, notices };
}

function isLogits(data: Float32Array | Uint8Array): data is Float32Array {
  return data instanceof Float32Array && data.some((value) => !(value >= 0 && value <= 1));
}

function isSameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
