import type { RgbaImage } from "@segany/masks";
import type { Sam } from "@segany/sam";
import { type EmbeddedWeights, loadSam, type RunOptions, SamPredictor } from "@segany/sam/browser";
import type { ModelStatus } from "../state/status.js";
import { createAheadModel } from "./ahead-model.js";
import { loadModel } from "./model-status.js";
import { createPageDecoder } from "./page-decoder.js";
import { everythingInPage } from "./page-everything.js";
import type { ImageSource, OpenImage, OpenOptions, Segmenter } from "./types.js";

/** What it needs besides. */
export interface InBrowserOptions {
  readonly weights: EmbeddedWeights;
  readonly onModel: (status: ModelStatus) => void;
  /** The pixels of an image. */
  readonly pixelsOf: (source: ImageSource, signal: AbortSignal) => Promise<RgbaImage>;
}

/** How often it is told that the encoder still works. */
const TELL_EVERY_MS = 250;

/** Everything in this page, with the embedded model: no image leaves the device. */
export function createInBrowserSegmenter({ weights, onModel, pixelsOf }: InBrowserOptions): Segmenter {
  const load = (name: string, options: RunOptions) => loadSam(name, { ...options, weights });
  const model = loadModel("Model", (options) => load("mobile_sam", options), onModel);
  const ahead = createAheadModel({ first: model.sam, load, device: navigator });
  const encode = createEncoding();
  const encodeAhead = createEncoding();

  /** @param encoderOf the model that looks at it; prompts go to the one that is there for them */
  async function openWith(
    encoderOf: () => Promise<Sam>,
    work: Encoding,
    source: ImageSource,
    options: OpenOptions,
  ): Promise<OpenImage> {
    const { signal, onLoading } = options;
    onLoading({ phase: "queued", position: 1 });
    const [sam, encoder] = await Promise.all([model.sam, encoderOf()]);
    const image = await pixelsOf(source, signal);
    const predictor = new SamPredictor(encoder);
    await work(options, () => predictor.setImage(image, { signal }));
    const embedding = predictor.getImageEmbedding();
    const { width, height } = image;
    return {
      width,
      height,
      model: sam.model,
      predict: createPageDecoder(sam, embedding),
      // The pixels are read again, for they are needed seldom and take forty-eight megabytes of a camera's
      // image.
      everything: async (everything) =>
        everythingInPage(sam, await pixelsOf(source, everything.signal), embedding, everything),
    };
  }

  return {
    mode: "browser",
    open: (source, options) => openWith(() => model.sam, encode, source, options),
    ...(ahead && {
      openAhead: (source: ImageSource, options: OpenOptions) =>
        openWith(ahead.open, encodeAhead, source, options),
    }),
    async close() {
      await Promise.all([model.close(), ahead?.close()]);
    },
  };
}

type Encoding = (options: OpenOptions, work: () => Promise<void>) => Promise<void>;

/**
 * Encodes one image after another, since a worker does one thing at a time anyway, and tells how long it
 * takes.
 */
function createEncoding(): Encoding {
  const pastMs: number[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  return ({ signal, onLoading }, work) => {
    const result = queue.then(() => {
      signal.throwIfAborted();
      return timed(pastMs, onLoading, work);
    });
    queue = result.catch(() => undefined);
    return result;
  };
}

/** Tells how long the encoder has been at work, and how long it took before. */
async function timed(
  pastMs: number[],
  onLoading: OpenOptions["onLoading"],
  work: () => Promise<void>,
): Promise<void> {
  const start = performance.now();
  const expectedMs = pastMs.toSorted((a, b) => a - b)[pastMs.length >> 1] ?? null;
  const tell = () => onLoading({ phase: "encoding", elapsedMs: performance.now() - start, expectedMs });
  tell();
  const timer = setInterval(tell, TELL_EVERY_MS);
  try {
    await work();
    pastMs.push(performance.now() - start);
  } finally {
    clearInterval(timer);
  }
}
