import type { DeviceRequest } from "@segany/runtime/node";
import { type LoadSamOptions, loadSam, type Sam } from "@segany/sam";

/** Which model is opened, and how. */
export interface ModelChoice
  extends Pick<
    LoadSamOptions,
    | "checkpoint"
    | "lora"
    | "ignoreUnused"
    | "preprocessing"
    | "device"
    | "threads"
    | "precision"
    | "cacheDirectory"
  > {
  /** A name as for `loadSam`. */
  readonly model?: string;
}

/** Where graphs run. */
export function deviceRequest({ device, threads, precision }: ModelChoice): DeviceRequest {
  return { ...(device && { device }), ...(threads && { threads }), ...(precision && { precision }) };
}

/** Opens the model. */
export function openModel(choice: ModelChoice, signal?: AbortSignal): Promise<Sam> {
  const { checkpoint, lora, ignoreUnused, preprocessing, cacheDirectory } = choice;
  const chosen = {
    checkpoint,
    lora,
    ignoreUnused,
    preprocessing,
    cacheDirectory,
    signal,
    ...deviceRequest(choice),
  };
  const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
  return loadSam(choice.model, given);
}

/** The model, opened when first needed. */
export function lazySam(choice: ModelChoice, signal?: AbortSignal) {
  let opening: Promise<Sam> | undefined;
  return {
    open: () => {
      opening ??= openModel(choice, signal);
      return opening;
    },
    close: async () => {
      await (await opening)?.close();
      opening = undefined;
    },
  };
}
