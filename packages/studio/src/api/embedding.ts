import type { Size } from "@segany/masks";
import { decodeEmbeddingValues, type ImageEmbedding } from "@segany/sam";
import { EMBEDDING_HEADERS, type EmbeddingDtype, readFeatureShapes } from "@segany/server/contract";
import { StudioError } from "../errors.js";

/** How much of it is here. */
type OnBytes = (bytesDone: number, bytesTotal: number) => void;

/** Bytes of a value. */
const WIDTHS: ReadonlyMap<string, number> = new Map<EmbeddingDtype, number>([
  ["float16", 2],
  ["float32", 4],
]);

/** Reads the answer that carries an embedding. @throws StudioError `answer-invalid` */
export async function readEmbedding(response: Response, onBytes: OnBytes): Promise<ImageEmbedding> {
  const header = (name: keyof typeof EMBEDDING_HEADERS): string =>
    response.headers.get(EMBEDDING_HEADERS[name]) ?? "";
  const features = readFeatureShapes(header("features")) ?? {};
  const values = Object.values(features).reduce(
    (total, shape) => total + shape.reduce((a, b) => a * b, 1),
    0,
  );
  const dtype = header("dtype");
  const width = WIDTHS.get(dtype);
  if (width === undefined) throw invalid(`values of the type "${dtype}"`);
  const bytes = await readBytes(response, values * width, onBytes);
  const precision = header("precision");
  return decodeEmbeddingValues(bytes, {
    model: {
      name: header("modelName"),
      checkpointSha256: header("checkpointSha256"),
      ...((precision === "int8" || precision === "fp32") && { precision }),
    },
    imageSize: parseSize(header("imageSize")),
    inputSize: parseSize(header("inputSize")),
    features,
    dtype: dtype as EmbeddingDtype,
  });
}

function parseSize(text: string): Size {
  const [width = Number.NaN, height = Number.NaN] = text.split("x").map(Number);
  if (width > 0 && height > 0) return { width, height };
  throw invalid(`the size "${text}"`);
}

async function readBytes(
  { body }: Response,
  length: number,
  onBytes: OnBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!body || !Number.isInteger(length) || length <= 0) throw invalid("no feature maps");
  const bytes = new Uint8Array(length);
  let done = 0;
  const reader = body.getReader();
  for (;;) {
    const { value, done: isOver } = await reader.read();
    if (isOver) break;
    if (done + value.length > length) throw invalid(`more than ${length} bytes`);
    bytes.set(value, done);
    done += value.length;
    onBytes(done, length);
  }
  if (done < length) throw invalid(`${done} bytes instead of ${length}`);
  return bytes;
}

function invalid(what: string): StudioError {
  return new StudioError(
    "answer-invalid",
    `The server sent an embedding with ${what}. Open the image again.`,
  );
}
