import { type BrowserSam, type EmbeddedWeights, loadSam, type Sam } from "@segany/sam/browser";

/** A second copy of the model, which encodes pictures ahead of need. */
export interface AheadModel {
  /** Opens it when first needed. */
  open(): Promise<Sam>;
  close(): Promise<void>;
}

/** What the device must have, so that the second copy is no burden: another core, and memory in GB where it is told. */
const MIN_PROCESSORS = 2;
const MIN_MEMORY_GB = 4;

/**
 * A copy of the model in a worker of its own, so that clicks on the open picture never wait behind the encoder, and so
 * that an encoding that nobody wants any more can be ended with its worker. It takes half of the threads, and its weights
 * from where the first copy has put them. Only its encoder is ever built.
 *
 * @param first the copy that is open already
 * @returns null on devices that are too weak
 */
export function createAheadModel(weights: EmbeddedWeights, first: Promise<BrowserSam>): AheadModel | null {
  const { hardwareConcurrency, deviceMemory = MIN_MEMORY_GB } = navigator as NavigatorWithMemory;
  if (hardwareConcurrency < MIN_PROCESSORS || deviceMemory < MIN_MEMORY_GB) return null;
  const controller = new AbortController();
  let opening: Promise<Sam> | null = null;

  async function load(): Promise<Sam> {
    const { model, threads } = await first;
    return loadSam(model.name, {
      weights,
      provider: "wasm",
      threads: Math.max(1, threads >> 1),
      signal: controller.signal,
    });
  }

  return {
    open() {
      opening ??= load().catch((error: unknown) => {
        opening = null;
        throw error;
      });
      return opening;
    },
    async close() {
      controller.abort();
      await opening?.then((sam) => sam.close()).catch(() => undefined);
    },
  };
}

/** Chromium tells roughly how much memory a device has, up to 8. */
interface NavigatorWithMemory extends Navigator {
  readonly deviceMemory?: number;
}
