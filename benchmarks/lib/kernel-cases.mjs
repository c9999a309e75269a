/** What the kernels work on: images, masks, boxes and data sets made up by arithmetic. */

/** Numbers from 0 to 1 in no order, the same in every run. */
export function createNoise(seed = 1) {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** An image of 12 megapixels. */
export function photo(width = 4000, height = 3000) {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < data.length; i++)
    data[i] = (Math.imul(i >> 3, 2_654_435_761) >>> 24) / 2 + (i % 997) / 9;
  return { width, height, data };
}

/** Masks of one megapixel: discs of many sizes with ragged edges and holes. */
export function masks(count, width = 1200, height = 840) {
  const noise = createNoise(7);
  return Array.from({ length: count }, () => {
    const [cx, cy, radius] = [noise() * width, noise() * height, 40 + noise() * 260];
    const data = new Uint8Array(width * height);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const ragged = 8 * Math.sin(x * 0.11) * Math.cos(y * 0.13);
        const hole = (x >> 4) % 7 === 3 && (y >> 4) % 5 === 2;
        data[at] = Math.hypot(x - cx, y - cy) < radius + ragged && !hole ? 1 : 0;
      }
    }
    return { width, height, data };
  });
}

/** The decoder's logits: blobs on 256x256 with a little noise. */
export function logitMaps(count) {
  return Array.from({ length: count }, (_, k) => {
    const [x0, y0, radius] = [30 + ((k * 53) % 200), 20 + ((k * 37) % 130), 8 + ((k * 11) % 60)];
    return Float32Array.from({ length: 256 ** 2 }, (__, i) => {
      const distance = Math.hypot((i % 256) - x0, Math.floor(i / 256) - y0);
      return Math.max(-20, Math.min(15, radius - distance)) + Math.sin(i * 0.7) * 0.3;
    });
  });
}

/** Boxes as everything mode has them before suppression, with their scores. */
export function boxes(count) {
  const noise = createNoise(3);
  const list = Array.from({ length: count }, () => {
    const [x, y, side] = [noise() * 1700, noise() * 1100, 10 + noise() ** 3 * 600];
    return [x, y, x + side, y + side * (0.5 + noise())].map(Math.fround);
  });
  return { boxes: list, scores: list.map(() => noise()) };
}

/** Images with as many detections as truths, a tenth of them crowds. */
export function matchingUnits(images, masksEach) {
  const noise = createNoise(11);
  return Array.from({ length: images }, () => {
    const areas = Array.from({ length: masksEach }, () => Math.round(100 + noise() ** 3 * 50_000));
    const ious = Float64Array.from({ length: masksEach ** 2 }, (_, i) =>
      i % (masksEach + 1) === 0 ? 0.4 + 0.6 * noise() : noise() ** 6,
    );
    return {
      detections: areas.map((areaPx) => ({ areaPx, score: noise() })),
      truths: areas.map((areaPx) => ({ areaPx, isCrowd: noise() < 0.1 })),
      ious,
    };
  });
}
