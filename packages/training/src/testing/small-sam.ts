/** For tests: a SAM of 64 pixels that trains in milliseconds, and images for it. */
import { encodePng } from "@segany/sam";
import type { VitSamArchitecture } from "@segany/sam/training";

/** 8 x 8 patches of 8 pixels, an embedding of 32 channels, 32 x 32 logits. */
export const SMALL_SAM: VitSamArchitecture = {
  encoder: {
    kind: "vit",
    imageSize: 64,
    patchSize: 8,
    embedDim: 32,
    depth: 2,
    numHeads: 4,
    mlpDim: 64,
    windowSize: 4,
    globalAttnIndexes: [1],
    useRelPos: true,
    outChannels: 32,
  },
  decoder: {
    transformerDim: 32,
    depth: 2,
    numHeads: 8,
    attentionDim: 16,
    mlpDim: 64,
    numMaskTokens: 4,
    maskInChannels: 16,
  },
};

const SIDE = 64;

/** Images with a bright square in another place each, and a pattern that fades. */
export function smallImages(count: number): { fileName: string; open: () => Promise<Uint8Array> }[] {
  return Array.from({ length: count }, (_, index) => {
    const data = new Uint8ClampedArray(4 * SIDE * SIDE);
    const left = 8 + ((13 * index) % 32);
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const isInside = x >= left && x < left + 20 && y >= 40 - left / 2 && y < 60 - left / 2;
        const shade = 60 + 50 * Math.sin((x + index * y) / 9);
        data.set(isInside ? [230, 210, 40 + x, 255] : [shade, 2 * y, shade + index, 255], 4 * (y * SIDE + x));
      }
    const image = { width: SIDE, height: SIDE, data };
    return { fileName: `small-${index}.png`, open: () => encodePng(image) };
  });
}
