import { BEHAVIOUR_DEFAULTS, type MaskGeneratorOptions } from "@segany/sam";
import { isAbort, messageOf } from "../errors.js";
import type { DecodedSearch } from "../segmentation/types.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Everything, FoundThresholds } from "../state/types.js";
import type { PictureSessions } from "./picture-sessions.js";

/** Everything mode. */
export interface FindAll {
  readonly findAll: (settings: MaskGeneratorOptions) => Promise<void>;
  readonly stopFinding: () => void;
  readonly selectFound: (thresholds: Required<FoundThresholds>) => Promise<void>;
  readonly close: () => void;
}

/** Runs everything mode on the open picture; what was found goes when another picture is opened. */
export function createFindAll(store: StudioStore, sessions: PictureSessions): FindAll {
  let controller: AbortController | null = null;
  let decoded: DecodedSearch | null = null;
  let wanted: Required<FoundThresholds> | null = null;
  let selecting = false;

  const show = (everything: Everything) => store.set(() => ({ everything }));

  function release(): void {
    controller?.abort();
    controller = null;
    void decoded?.release();
    decoded = null;
    wanted = null;
  }

  async function findAll(settings: MaskGeneratorOptions): Promise<void> {
    const picture = sessions.of(store.getState().openPictureId);
    if (!picture) return;
    release();
    const own = new AbortController();
    controller = own;
    show({ state: "running", pointsDone: 0, pointsTotal: 0, found: [] });
    const update = (change: Partial<Extract<Everything, { state: "running" }>>) =>
      store.set(({ everything }) =>
        everything.state === "running" && controller === own
          ? { everything: { ...everything, ...change } }
          : {},
      );
    let unused: DecodedSearch | null = null;
    try {
      unused = await picture.everything({
        settings,
        signal: own.signal,
        onProgress: ({ pointsDone, pointsTotal }) => update({ pointsDone, pointsTotal }),
        onFound: (found) => update({ found }),
      });
      const selection = thresholdsOf(settings);
      const found = await unused.select(selection);
      if (controller !== own) return;
      decoded = unused;
      unused = null;
      show({ state: "done", found, selection });
    } catch (error) {
      if (controller !== own) return;
      controller = null;
      show(isAbort(error) ? { state: "idle" } : { state: "failed", message: messageOf(error) });
    } finally {
      void unused?.release();
    }
  }

  async function selectFound(thresholds: Required<FoundThresholds>): Promise<void> {
    wanted = thresholds;
    if (selecting) return;
    selecting = true;
    try {
      while (wanted && decoded) {
        const selection: Required<FoundThresholds> = wanted;
        wanted = null;
        const from: DecodedSearch = decoded;
        const found = await from.select(selection);
        if (decoded === from) show({ state: "done", found, selection });
      }
    } catch (error) {
      store.notify("error", `The masks could not be picked anew. ${messageOf(error)}`);
    } finally {
      selecting = false;
    }
  }

  function stopFinding(): void {
    release();
    show({ state: "idle" });
  }

  const unsubscribe = store.subscribe((state, before) => {
    if (state.openPictureId !== before.openPictureId && state.everything.state !== "idle") stopFinding();
  });

  return {
    findAll,
    stopFinding,
    selectFound,
    close() {
      unsubscribe();
      release();
    },
  };
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
