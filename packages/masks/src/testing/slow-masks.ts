import type { Connectivity } from "../run-labels.js";
import type { Mask } from "../types.js";

// Plain versions, written for being obvious, to check the fast ones against.

/** Column-major runs, the first counting outside pixels. */
export function slowCounts({ width, height, data }: Mask): number[] {
  const counts = [0];
  let value = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (data[y * width + x] !== value) {
        counts.push(0);
        value = 1 - value;
      }
      counts[counts.length - 1]!++;
    }
  }
  return counts;
}

/** For each inside pixel every outside pixel is tried, and the image's border. */
export function slowSquaredDistances({ width, height, data }: Mask, borderIsOutside: boolean): number[] {
  return Array.from(data, (value, i) => {
    if (value === 0) return 0;
    const x = i % width;
    const y = Math.floor(i / width);
    const border = Math.min(x + 1, y + 1, width - x, height - y) ** 2;
    let best = borderIsOutside ? border : 0xffffffff;
    data.forEach((other, j) => {
      if (other === 0) best = Math.min(best, (x - (j % width)) ** 2 + (y - Math.floor(j / width)) ** 2);
    });
    return best;
  });
}

/** Flood fill from each pixel not yet labelled, in row order. */
export function slowLabels({ width, height, data }: Mask, connectivity: Connectivity): number[] {
  const labels = Array.from(data, () => 0);
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0 || labels[i] !== 0) continue;
    count++;
    const stack = [i];
    while (stack.length > 0) {
      const at = stack.pop()!;
      if (data[at] === 0 || labels[at] !== 0) continue;
      labels[at] = count;
      const x = at % width;
      const y = Math.floor(at / width);
      for (const [dx, dy] of neighbours(connectivity)) {
        const inImage = x + dx >= 0 && y + dy >= 0 && x + dx < width && y + dy < height;
        if (inImage) stack.push((y + dy) * width + x + dx);
      }
    }
  }
  return labels;
}

/** Takes out the small regions of one value; of several islands that are all small the largest stays. */
export function slowWithoutSmall(mask: Mask, thresholdPx: number, mode: "holes" | "islands"): Mask {
  const { width, height } = mask;
  const gone = mode === "holes" ? 0 : 1;
  const labels = slowLabels({ width, height, data: mask.data.map((value) => Number(value === gone)) }, 8);
  const areas = new Map<number, number>();
  const blocks = new Map<number, number>();
  for (const [i, label] of labels.entries()) {
    if (label === 0) continue;
    const block = (Math.floor(i / width) >> 1) * width + ((i % width) >> 1);
    areas.set(label, (areas.get(label) ?? 0) + 1);
    blocks.set(label, Math.min(blocks.get(label) ?? block, block));
  }
  const regions = [...areas.keys()];
  const [largest] = regions.toSorted(
    (a, b) => areas.get(b)! - areas.get(a)! || blocks.get(a)! - blocks.get(b)!,
  );
  const small = regions.filter((region) => areas.get(region)! < thresholdPx);
  const stays = mode === "islands" && small.length === regions.length ? largest : undefined;
  const data = mask.data.map((value, i) =>
    small.includes(labels[i]!) && labels[i] !== stays ? 1 - value : value,
  );
  return { width, height, data };
}

function neighbours(connectivity: Connectivity): readonly (readonly [number, number])[] {
  const sides = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const;
  const corners = [
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ] as const;
  return connectivity === 4 ? sides : [...sides, ...corners];
}
