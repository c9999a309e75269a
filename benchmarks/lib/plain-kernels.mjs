/**
 * Kernels written the plain way, in loops that follow the definition: what the library's are measured beside.
 */

/**
 * Pillow's antialiased bilinear filter in floating point: every output pixel weighs the inputs under its
 * triangle.
 */
export function resize({ width, height, data }, size) {
  const narrow = resizeAxis(
    data,
    { length: width, step: 4, lines: height, lineStep: 4 * width },
    size.width,
    4,
  );
  return resizeAxis(
    narrow,
    { length: height, step: 4 * size.width, lines: size.width, lineStep: 4 },
    size.height,
    4 * size.width,
  );
}

function resizeAxis(source, { length, step, lines, lineStep }, wanted, wantedStep) {
  const scale = length / wanted;
  const support = Math.max(scale, 1);
  const wantedLineStep = step === 4 ? 4 * wanted : 4;
  const result = new Uint8ClampedArray(4 * wanted * lines);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < wanted; i++) {
      const center = (i + 0.5) * scale;
      const from = Math.max(0, Math.floor(center - support + 0.5));
      const to = Math.min(length, Math.floor(center + support + 0.5));
      for (let channel = 0; channel < 3; channel++) {
        let [sum, weights] = [0, 0];
        for (let k = from; k < to; k++) {
          const weight = Math.max(0, 1 - Math.abs((k + 0.5 - center) / support));
          sum += weight * source[line * lineStep + k * step + channel];
          weights += weight;
        }
        result[line * wantedLineStep + i * wantedStep + channel] = Math.round(sum / weights);
      }
    }
  }
  return result;
}

/** Area, stability and box out of all logits of the image. */
export function statistics(logits, { width, height }) {
  let [low, middle, high, x0, y0, x1, y1] = [0, 0, 0, Infinity, Infinity, -1, -1];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (logits[at] > -1) low++;
      if (logits[at] > 1) high++;
      if (logits[at] <= 0) continue;
      middle++;
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x);
      y0 = Math.min(y0, y);
      y1 = y;
    }
  }
  return { areaPx: middle, stabilityScore: high / low, boxXyxy: middle ? [x0, y0, x1, y1] : [0, 0, 0, 0] };
}

/** Column-major runs of what `isInside` says of each pixel, the first of outside pixels. */
export function runLengths(isInside, { width, height }) {
  const counts = [];
  let [inside, run] = [false, 0];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++, run++) {
      if (isInside(y * width + x) === inside) continue;
      counts.push(run);
      inside = !inside;
      run = 0;
    }
  }
  return [...counts, run];
}

/** The dense mask of runs. */
export function fromRunLengths(counts, { width, height }) {
  const data = new Uint8Array(width * height);
  let at = 0;
  counts.forEach((count, i) => {
    for (let k = 0; k < count; k++, at++) data[(at % height) * width + Math.floor(at / height)] = i % 2;
  });
  return data;
}

/** IoU of every pair of two lists of dense masks. */
export function denseIous(first, second) {
  return first.flatMap((a) =>
    second.map((b) => {
      let [both, either] = [0, 0];
      for (let i = 0; i < a.length; i++) {
        both += a[i] & b[i];
        either += a[i] | b[i];
      }
      return either === 0 ? 0 : both / either;
    }),
  );
}

/** Suppression that compares each box with all that come after it, in float32. */
export function suppress(boxes, scores, threshold) {
  const f = Math.fround;
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
  const dropped = new Set();
  const kept = [];
  const areaOf = ([x0, y0, x1, y1]) => f(f(x1 - x0) * f(y1 - y0));
  for (const [place, i] of order.entries()) {
    if (dropped.has(i)) continue;
    kept.push(i);
    for (const j of order.slice(place + 1)) {
      const width = Math.max(0, f(Math.min(boxes[i][2], boxes[j][2]) - Math.max(boxes[i][0], boxes[j][0])));
      const height = Math.max(0, f(Math.min(boxes[i][3], boxes[j][3]) - Math.max(boxes[i][1], boxes[j][1])));
      const both = f(width * height);
      if (f(both / f(f(areaOf(boxes[i]) + areaOf(boxes[j])) - both)) > threshold) dropped.add(j);
    }
  }
  return kept;
}

/** Regions joined by sides and corners, by flood fill; labels in row order. */
export function flood({ width, height, data }) {
  const labels = new Int32Array(data.length);
  let count = 0;
  for (let start = 0; start < data.length; start++) {
    if (data[start] === 0 || labels[start] !== 0) continue;
    labels[start] = ++count;
    const stack = [start];
    while (stack.length > 0) {
      const at = stack.pop();
      const [x, y] = [at % width, Math.floor(at / width)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (data[next] === 0 || labels[next] !== 0) continue;
          labels[next] = count;
          stack.push(next);
        }
      }
    }
  }
  return labels;
}

/**
 * Distance to the nearest outside pixel, the image's border counting as outside: rows first, then all rows of
 * a column.
 */
export function distances({ width, height, data }) {
  const inRow = new Float64Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0, last = -1; x < width; x++) {
      if (data[y * width + x] === 0) last = x;
      inRow[y * width + x] = x - last;
    }
    for (let x = width - 1, last = width; x >= 0; x--) {
      if (data[y * width + x] === 0) last = x;
      inRow[y * width + x] = Math.min(inRow[y * width + x], last - x);
    }
  }
  const result = new Float32Array(data.length);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (data[y * width + x] === 0) continue;
      let best = Math.min(y + 1, height - y) ** 2;
      for (let v = 0; v < height; v++) best = Math.min(best, (v - y) ** 2 + inRow[v * width + x] ** 2);
      result[y * width + x] = Math.sqrt(best);
    }
  }
  return result;
}

/**
 * COCO's matching as its tools write it, one unit at one threshold: 1 right, 0 wrong, -1 ignored, by falling
 * score.
 */
export function match({ detections, truths, ious }, iouThreshold, { min, max }) {
  const order = [...detections.keys()].sort((a, b) => detections[b].score - detections[a].score || a - b);
  const outside = ({ areaPx }) => areaPx < min || areaPx > max;
  const ignore = truths.map((truth) => truth.isCrowd || outside(truth));
  const places = [...truths.keys()].sort((a, b) => Number(ignore[a]) - Number(ignore[b]) || a - b);
  const matched = truths.map(() => false);
  return order.slice(0, 100).map((d) => {
    let [best, found] = [Math.min(iouThreshold, 1 - 1e-10), -1];
    for (const g of places) {
      if (matched[g] && !truths[g].isCrowd) continue;
      if (found > -1 && !ignore[found] && ignore[g]) break;
      const iou = ious[d * truths.length + g];
      if (iou < best) continue;
      best = iou;
      found = g;
    }
    if (found === -1) return outside(detections[d]) ? -1 : 0;
    matched[found] = true;
    return ignore[found] ? -1 : 1;
  });
}
