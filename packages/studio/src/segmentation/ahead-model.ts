import type { BrowserSam, RunOptions, Sam } from "@segany/sam/browser";

/** A second copy of the model, which encodes images ahead of need. */
export interface AheadModel {
  /** Opens it when it is not open. */
  open(): Promise<Sam>;
  close(): Promise<void>;
}

/** What it is made of. */
export interface AheadModelOptions {
  /** The copy that is open already. */
  readonly first: Promise<BrowserSam>;
  readonly load: (name: string, options: RunOptions) => Promise<Sam>;
  readonly device: AheadDevice;
}

/** What of `navigator` is used. Chromium tells roughly how much memory a device has, in GB, up to 8. */
export type AheadDevice = Pick<Navigator, "hardwareConcurrency"> & { readonly deviceMemory?: number };

/**
 * What the device must have, so that the second copy is no burden: another core, and memory where it is told.
 */
const MIN_PROCESSORS = 2;
const MIN_MEMORY_GB = 4;

/** Its third of a gigabyte is given back when nothing was encoded for so long; no image takes that long. */
const IDLE_MS = 120_000;

/**
 * A copy of the model in a worker of its own, so that clicks on the open image never wait behind the encoder,
 * and so that an encoding that nobody wants any more can be ended with its worker. It takes half of the
 * threads, and its weights from where the first copy has put them. Only its encoder is ever built.
 *
 * @returns null on devices that are too weak
 */
export function createAheadModel({ first, load, device }: AheadModelOptions): AheadModel | null {
  const { hardwareConcurrency, deviceMemory = MIN_MEMORY_GB } = device;
  if (hardwareConcurrency < MIN_PROCESSORS || deviceMemory < MIN_MEMORY_GB) return null;
  const controller = new AbortController();
  let opening: Promise<Sam> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function start(): Promise<Sam> {
    const { model, threads } = await first;
    const { signal } = controller;
    return load(model.name, { provider: "wasm", threads: Math.max(1, threads >> 1), signal });
  }

  async function giveBack(): Promise<void> {
    clearTimeout(timer);
    const open = opening;
    opening = null;
    await open?.then((sam) => sam.close()).catch(() => undefined);
  }

  return {
    open() {
      clearTimeout(timer);
      timer = setTimeout(() => void giveBack(), IDLE_MS);
      opening ??= start().catch((error: unknown) => {
        opening = null;
        throw error;
      });
      return opening;
    },
    close() {
      controller.abort();
      return giveBack();
    },
  };
}
