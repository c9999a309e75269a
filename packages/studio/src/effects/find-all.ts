import { BEHAVIOUR_DEFAULTS, type MaskGeneratorOptions } from "@segany/sam";
import { isAbort, messageOf } from "../errors.js";
import type { OpenImage } from "../segmentation/types.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Everything, FoundThresholds } from "../state/types.js";
import { createFoundSelection } from "./found-selection.js";
import type { ImageLoader } from "./image-loader.js";

/** Everything mode. */
export interface FindAll {
  readonly findAll: (settings: MaskGeneratorOptions) => Promise<void>;
  readonly stopFinding: () => void;
  readonly selectFound: (thresholds: Required<FoundThresholds>) => Promise<void>;
  readonly close: () => void;
}

/** Runs everything mode on the open image; what was found goes when another image is opened. */
export function createFindAll(store: StudioStore, loader: ImageLoader): FindAll {
  let controller: AbortController | null = null;

  const show = (everything: Everything) => store.set(() => ({ everything }));
  const selection = createFoundSelection((found, selection) => show({ state: "done", found, selection }));

  function release(): void {
    controller?.abort();
    controller = null;
    selection.release();
  }

  async function findAll(settings: MaskGeneratorOptions): Promise<void> {
    const image = loader.of(store.getState().openImageId);
    if (!image) return;
    release();
    const own = new AbortController();
    controller = own;
    show({ state: "running", pointsDone: 0, pointsTotal: 0, found: [] });
    const update = (change: RunningChange) => {
      if (controller === own) updateRunning(store, change);
    };
    try {
      const { masks, found, thresholds } = await search(image, settings, own.signal, update);
      if (controller !== own) {
        void masks.release();
        return;
      }
      selection.take(masks);
      show({ state: "done", found, selection: thresholds });
    } catch (error) {
      if (controller !== own) return;
      controller = null;
      show(isAbort(error) ? { state: "idle" } : { state: "failed", message: messageOf(error) });
    }
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
  const thresholds = thresholdsOf(settings);
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
