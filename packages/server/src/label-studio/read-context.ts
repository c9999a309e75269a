import type { Size } from "@segany/masks";
import { z } from "zod";
import type { PredictRequest } from "../contract/predict.js";

const regionSchema = z.looseObject({
  type: z.string().max(100),
  is_positive: z.boolean().nullish(),
  value: z.looseObject({
    x: z.number().optional(),
    y: z.number().optional(),
    width: z.number().optional(),
    height: z.number().optional(),
  }),
});

/** What a user has drawn with the smart tools: hundredths of the image's sides. */
export const contextSchema = z.looseObject({ result: z.array(regionSchema).max(1000).optional() });

export interface ContextPrompt {
  readonly request: PredictRequest;
  /** The class that the user has chosen. */
  readonly label: string | undefined;
}

/** Reads the smart key points and rectangles as a prompt; undefined where there is none. */
export function readContext(
  { result = [] }: z.infer<typeof contextSchema>,
  { width, height }: Size,
): ContextPrompt | undefined {
  const points: { readonly at: [number, number]; readonly label: 0 | 1 }[] = [];
  let box: [number, number, number, number] | undefined;
  let label: string | undefined;
  for (const { type, value, is_positive } of result) {
    const { x = Number.NaN, y = Number.NaN } = value;
    const at: [number, number] = [(x * width) / 100, (y * height) / 100];
    if (!at.every(Number.isFinite)) continue;
    if (type.startsWith("keypoint")) points.push({ at, label: is_positive === false ? 0 : 1 });
    else if (type.startsWith("rectangle")) {
      const size = [((value.width ?? 0) * width) / 100, ((value.height ?? 0) * height) / 100] as const;
      box = [at[0], at[1], at[0] + size[0], at[1] + size[1]];
    } else continue;
    const [chosen] = [value[type], value.labels].flat();
    if (typeof chosen === "string") label = chosen;
  }
  if (points.length === 0 && !box) return undefined;
  return {
    label,
    request: {
      ...(points.length > 0 && {
        pointCoords: points.map(({ at }) => at),
        pointLabels: points.map((point) => point.label),
      }),
      ...(box && { box }),
      multimaskOutput: points.length === 1 && !box,
    },
  };
}
