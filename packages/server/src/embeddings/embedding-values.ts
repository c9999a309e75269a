import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { FeatureShapes } from "../contract/feature-shapes.js";
import type { EmbeddingDtype } from "../contract/images.js";
import type { EmbeddingFiles } from "./embedding-records.js";

interface EmbeddingHeader {
  readonly features: FeatureShapes;
  /** Number of values in all feature maps. */
  readonly count: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Offset of the values in the file. */
  readonly dataStart: number;
}

/** Shapes and metadata of an embedding, and its values as little-endian bytes. */
export interface EmbeddingValues extends EmbeddingHeader {
  readonly values: Readable;
}

/**
 * Opens an embedding for reading: open files can be read to their end, even if they are evicted meanwhile.
 */
export async function openEmbeddingValues(
  { float32Path, float16Path }: EmbeddingFiles,
  dtype: EmbeddingDtype,
): Promise<EmbeddingValues> {
  const full = await open(float32Path);
  try {
    const header = await readHeader(full);
    if (dtype === "float32") return { ...header, values: full.createReadStream({ start: header.dataStart }) };
    const values = (await open(float16Path)).createReadStream();
    await full.close();
    return { ...header, values };
  } catch (error) {
    await full.close();
    throw error;
  }
}

/** Reads the header of an embedding's `.safetensors` file: a few hundred bytes. */
async function readHeader(file: FileHandle): Promise<EmbeddingHeader> {
  const length = Buffer.alloc(8);
  await file.read(length, 0, 8, 0);
  const header = Buffer.alloc(Number(length.readBigUInt64LE()));
  await file.read(header, 0, header.length, 8);
  const { __metadata__: metadata, ...tensors } = JSON.parse(header.toString("utf8"));
  const maps = Object.entries(tensors as Record<string, { shape: number[]; data_offsets: [number, number] }>);
  maps.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  return {
    features: Object.fromEntries(maps.map(([name, { shape }]) => [name, shape])),
    count: maps.reduce((total, [, { shape }]) => total + shape.reduce((a, b) => a * b, 1), 0),
    metadata,
    dataStart: 8 + header.length,
  };
}
