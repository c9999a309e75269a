/** Reads the samples of image files on Node as they are stored, before they become 8 bits per channel. */
import { SamError } from "@segany/masks";
import type { PixelSamples } from "./intensity.js";
import type { ImageFile, ImageHeader } from "./node-image-header.js";

/** Types of samples, by libvips' names; the range is known of the first two only. */
const ARRAYS = {
  uchar: Uint8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
  double: Float64Array,
} as const;

/** Whether black and white are known of an image's samples without looking at them. */
export function hasKnownRange({ depth }: ImageHeader): boolean {
  return depth === "uchar" || depth === "ushort";
}

/**
 * Decodes all bands of an image.
 *
 * @throws SamError `image-unreadable` for another type of samples, or if the decoder returns something else
 *   than the header says; sharp's own errors
 */
export async function readPixelSamples({ header, stored }: ImageFile, name: string): Promise<PixelSamples> {
  const { depth, space, channels } = header;
  if (!isKnownType(depth))
    throw new SamError("image-unreadable", `${name} has samples of type ${depth}, which is not supported.`);
  const image = stored({ ignoreIcc: true });
  // As `b-w`, sharp returns the first band alone; as RGB it returns that three times, then the others.
  const repeated = space === "b-w" ? 2 : 0;
  if (!repeated) image.pipelineColourspace(space).toColourspace(space);
  const { data, info } = await image.raw({ depth }).toBuffer({ resolveWithObject: true });
  const ArrayOfType = ARRAYS[depth];
  const bands = info.channels - repeated;
  const values = info.width * info.height * info.channels;
  if (bands !== channels || data.length !== values * ArrayOfType.BYTES_PER_ELEMENT)
    throw new SamError(
      "image-unreadable",
      `${name} should have ${channels} bands of type ${depth} and was decoded as ${bands} (${data.length} bytes); save it again with an image editor.`,
    );
  const samples = new ArrayOfType(data.buffer, data.byteOffset, values);
  return {
    width: info.width,
    height: info.height,
    bands,
    data: repeated ? withoutFirst(samples, repeated, info.channels) : samples,
  };
}

function isKnownType(depth: string): depth is keyof typeof ARRAYS {
  return Object.hasOwn(ARRAYS, depth);
}

/** Leaves out the first bands of each pixel. */
function withoutFirst(samples: PixelSamples["data"], count: number, bands: number): PixelSamples["data"] {
  const kept = samples.slice(0, (samples.length / bands) * (bands - count));
  for (let pixel = 0, to = 0; to < kept.length; pixel++)
    for (let band = count; band < bands; band++) kept[to++] = samples[pixel * bands + band]!;
  return kept;
}
