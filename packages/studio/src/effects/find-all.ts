import { BEHAVIOUR_DEFAULTS, type MaskGeneratorOptions } from "@segany/sam";
import { isAbort, messageOf, StudioError } from "../errors.js";
import type { OpenImage } from "../segmentation/types.js";
import { withThreshold } from "../state/found-masks.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Everything, FoundThresholds, WordsFound } from "../state/types.js";
import { createFoundSelection } from "./found-selection.js";
import type { ImageLoader } from "./image-loader.js";

/** Everything mode, and words. One of them has masks at a time. */
export interface FindAll {
  readonly findAll: (settings: MaskGeneratorOptions) => Promise<void>;
  readonly findWords: (text: string) => Promise<void>;
  readonly stopFinding: () => void;
  readonly selectFound: (thresholds: Required<FoundThresholds>) => Promise<void>;
  readonly close: () => void;
}

/** Runs everything mode on the open image; what was found goes when another image is opened. */
export function createFindAll(store: StudioStore, loader: ImageLoader): FindAll {
  const show = (everything: Everything) => store.set(() => ({ everything }));
  const turns = createTurns(show);
  const selection = createFoundSelection((found, selection) => show({ state: "done", found, selection }));
  const openImage = () => loader.of(store.getState().openImageId);

  function release(): void {
    turns.end();
    selection.release();
  }

  async function findAll(settings: MaskGeneratorOptions): Promise<void> {
    const image = openImage();
    if (!image) return;
    release();
    show({ state: "running", pointsDone: 0, pointsTotal: 0, found: [] });
    await turns.take(async ({ signal, isOn }) => {
      const update = (change: RunningChange) => {
        if (isOn()) updateRunning(store, change);
      };
      const { masks, found, thresholds } = await search(image, settings, signal, update);
      if (!isOn()) return void masks.release();
      selection.take(masks);
      show({ state: "done", found, selection: thresholds });
    });
  }

  async function findWords(text: string): Promise<void> {
    const image = openImage();
    if (!image) return;
    release();
    show({ state: "asking", text });
    await turns.take(async ({ signal, isOn }) => {
      const words = await askWords(image, text, signal);
      if (isOn()) show(words);
    });
  }

  function stopFinding(): void {
    release();
    show({ state: "idle" });
  }

  const unsubscribe = store.subscribe((state, before) => {
    if (state.openImageId !== before.openImageId && state.everything.state !== "idle") stopFinding();
  });

  return {
    findAll,
    findWords,
    stopFinding,
    selectFound: (thresholds) =>
      selection.select(thresholds).catch((error: unknown) => {
        store.notify("error", `The masks could not be picked anew. ${messageOf(error)}`);
      }),
    close() {
      unsubscribe();
      release();
    },
  };
}

/** What a search knows of its turn. */
interface Turn {
  readonly signal: AbortSignal;
  /** Whether no other search has begun since, and nobody has ended this one. */
  readonly isOn: () => boolean;
}

/** One search at a time; how one has failed is shown. */
function createTurns(show: (everything: Everything) => void) {
  let controller: AbortController | null = null;
  return {
    async take(work: (turn: Turn) => Promise<void>): Promise<void> {
      const own = new AbortController();
      controller = own;
      try {
        await work({ signal: own.signal, isOn: () => controller === own });
      } catch (error) {
        if (controller !== own) return;
        controller = null;
        show(isAbort(error) ? { state: "idle" } : { state: "failed", message: messageOf(error) });
      }
    },
    end(): void {
      controller?.abort();
      controller = null;
    },
  };
}

async function askWords(image: OpenImage, text: string, signal: AbortSignal): Promise<WordsFound> {
  if (!image.words)
    throw new StudioError("text-unavailable", "Words are understood by a server alone: start segany serve.");
  const { engine, threshold, masks } = await image.words(text, { signal });
  return withThreshold({ state: "words", text, engine, threshold, all: masks, found: masks }, threshold);
}

type Running = Extract<Everything, { state: "running" }>;
type RunningChange = Partial<Omit<Running, "state">>;

/** Finds all masks of an image, and selects those that the settings ask for. */
async function search(
  image: OpenImage,
  settings: MaskGeneratorOptions,
  signal: AbortSignal,
  update: (change: RunningChange) => void,
) {
  const masks = await image.everything({
    settings,
    signal,
    onProgress: ({ pointsDone, pointsTotal }) => update({ pointsDone, pointsTotal }),
    onFound: (found) => update({ found }),
  });
  const thresholds = thresholdsOf({ ...image.model.everythingThresholds, ...settings });
  try {
    return { masks, found: await masks.select(thresholds), thresholds };
  } catch (error) {
    void masks.release();
    throw error;
  }
}

function updateRunning(store: StudioStore, change: RunningChange): void {
  store.set(({ everything }) =>
    everything.state === "running" ? { everything: { ...everything, ...change } } : {},
  );
}

function thresholdsOf({
  behaviour = "official",
  ...settings
}: MaskGeneratorOptions): Required<FoundThresholds> {
  const defaults = BEHAVIOUR_DEFAULTS[behaviour];
  return {
    predIouThresh: settings.predIouThresh ?? defaults.predIouThresh,
    stabilityScoreThresh: settings.stabilityScoreThresh ?? defaults.stabilityScoreThresh,
    boxNmsThresh: settings.boxNmsThresh ?? defaults.boxNmsThresh,
  };
}
