import { modelBox } from "@segany/masks";
import type { ModelFrame, Target } from "../prompts/target.js";

/**
 * A predicted mask as a target: its cells above 0, without those in the padding, and their box.
 *
 * @param logits maskSide x maskSide
 */
export function predictedTarget(logits: Float32Array, frame: ModelFrame): Target {
  const { imageSide, maskSide, inputSize } = frame;
  const cell = imageSide / maskSide;
  const data = new Uint8Array(logits.length);
  let area = 0;
  const [low, high] = [[maskSide, maskSide] as [number, number], [0, 0] as [number, number]];
  for (let i = 0; i < logits.length; i++) {
    const place = [i % maskSide, Math.floor(i / maskSide)] as const;
    const isImage = (place[0] + 0.5) * cell < inputSize.width && (place[1] + 0.5) * cell < inputSize.height;
    if (logits[i]! <= 0 || !isImage) continue;
    data[i] = 1;
    area++;
    for (const axis of [0, 1] as const) {
      low[axis] = Math.min(low[axis], place[axis]);
      high[axis] = Math.max(high[axis], place[axis] + 1);
    }
  }
  const boxXyxy =
    area === 0
      ? modelBox([0, 0, 0, 0])
      : modelBox([
          low[0] * cell,
          low[1] * cell,
          Math.min(high[0] * cell, inputSize.width),
          Math.min(high[1] * cell, inputSize.height),
        ]);
  return { ...frame, data, area, boxXyxy };
}
