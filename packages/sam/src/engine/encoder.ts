import type { StateDict } from "@segany/graph/weights";
import { SamError, throwIfAborted } from "@segany/masks";
import {
  type CallOptions,
  lazySession,
  type RunTensor,
  type Session,
  type SessionOpener,
} from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { EncoderGraphOptions } from "../model/graph-options.js";
import type { NamedTensors } from "../model/model-family.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import { checkFinite } from "./check-finite.js";
import { pick } from "./feeds.js";
import type { RecognisedModel } from "./model-info.js";

/** Runs the image encoder, one image at a time. */
export interface Encoder {
  /** Opens the session before it is needed. @throws SamError as `encode` */
  open(): Promise<void>;
  /**
   * @throws SamError `encoder-missing` if the weights are only the decoder's, `inference-failed`, `aborted`
   */
  encode(image: PreparedImage, options?: CallOptions): Promise<ImageEmbedding>;
  close(): Promise<void>;
}

/** @param form form of the graph */
export function createEncoder(
  { model, family }: RecognisedModel,
  { tensors, load, source }: StateDict,
  openSession: SessionOpener,
  form: EncoderGraphOptions,
): Encoder {
  const { name, checkpointSha256, precision, architecture } = model;
  const lazy = lazySession(() => openSession(family.encoder(tensors, architecture, form), load));
  const features = Object.keys(model.features);
  let input: NamedTensors | undefined;

  async function open(): Promise<Session> {
    if (!family.matches(tensors)) throw encoderMissing(source, name);
    return lazy.open();
  }

  return {
    async open() {
      await open();
    },
    async encode(image, { signal } = {}) {
      const session = await open();
      throwIfAborted(signal);
      input = family.prepare(image.resized, architecture, input);
      const result = await session.run(pick(input, session.inputNames));
      throwIfAborted(signal);
      return {
        model: { name, checkpointSha256, precision },
        imageSize: image.originalSize,
        inputSize: { width: image.resized.width, height: image.resized.height },
        features: Object.fromEntries(features.map((feature) => [feature, toMap(result[feature]!, source)])),
      };
    },
    close: lazy.close,
  };
}

function toMap({ shape, data }: RunTensor, source: string) {
  checkFinite(data as Float32Array, "an embedding", source);
  return { shape, data: data as Float32Array };
}

function encoderMissing(source: string, name: string): SamError {
  return new SamError(
    "encoder-missing",
    `${source} has only the decoder of ${name}: use an embedding that was computed elsewhere, or load the complete model.`,
  );
}
