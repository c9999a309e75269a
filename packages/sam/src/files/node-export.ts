import { join } from "node:path";
import type { Graph } from "@segany/graph";
import { writeModel, writeModelWithExternalData } from "@segany/graph/onnx";
import type { StateDict } from "@segany/graph/weights";
import { SamError, throwIfAborted } from "@segany/masks";
import { cacheDirectory, createAtomicFile, writeFileAtomic } from "@segany/runtime/files";
import { recogniseModel } from "../engine/model-info.js";
import type { ExportOptions } from "../model/graph-options.js";
import { openState, recogniseOptions, type WeightsOptions } from "./node-open-state.js";

/** An ONNX file is limited to 2 GiB; a larger encoder's weights are written to a second file. */
const MAX_INSIDE_BYTES = 1.9 * 2 ** 30;

/** What to export, and how. */
export interface ExportOnnxOptions extends ExportOptions, WeightsOptions {
  readonly model?: string;
  readonly cacheDirectory?: string;
  readonly signal?: AbortSignal;
}

/**
 * Writes `encoder.onnx` (`image` 1x3xSxS normalised → `image_embeddings`) and `decoder.onnx` (names and
 * meanings of Meta's `scripts/export_onnx_model.py`), with standard operators of opset 17 only.
 *
 * @returns the written paths; an encoder over 1.9 GiB has its weights in `encoder.onnx_data`
 * @throws SamError of the checkpoint, `file-unwritable`, `aborted`
 *
 * @example
 * await makeFolder("exported");
 * const paths = await exportOnnx("exported"); // encoder.onnx and decoder.onnx
 * console.log(paths.length); // 2
 */
export async function exportOnnx(directory: string, options: ExportOnnxOptions = {}): Promise<string[]> {
  const { model, checkpoint, lora, signal } = options;
  const state = await openState({
    cacheDirectory: options.cacheDirectory ?? cacheDirectory(),
    ...(model && { name: model }),
    ...(checkpoint && { checkpoint }),
    ...(lora && { lora }),
  });
  try {
    const { model: found, family } = await recogniseModel(state, model, "fp32", recogniseOptions(options));
    const graphs = family.exported?.(state.tensors, found.architecture, options);
    if (!graphs)
      throw new SamError(
        "option-invalid",
        `Models of the family ${family.name} cannot be exported: ${state.source}.`,
      );
    const { encoder, decoder } = graphs;
    const written = await writeEncoder(directory, encoder, state, signal);
    throwIfAborted(signal);
    const path = join(directory, "decoder.onnx");
    await writeFileAtomic(path, await writeModel(decoder, state.load));
    return [...written, path];
  } finally {
    await state.close();
  }
}

async function writeEncoder(
  directory: string,
  graph: Graph,
  state: StateDict,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const path = join(directory, "encoder.onnx");
  if (weightBytes(graph) <= MAX_INSIDE_BYTES) {
    await writeFileAtomic(path, await writeModel(graph, state.load));
    return [path];
  }
  const location = "encoder.onnx_data";
  const data = join(directory, location);
  const weights = await createAtomicFile(data);
  try {
    const model = await writeModelWithExternalData(graph, state.load, location, weights.append, signal);
    await weights.finish();
    await writeFileAtomic(path, model);
  } finally {
    await weights.discard();
  }
  return [path, data];
}

function weightBytes({ initializers }: Graph): number {
  return initializers.reduce((total, { shape }) => total + 4 * shape.reduce((a, b) => a * b, 1), 0);
}
