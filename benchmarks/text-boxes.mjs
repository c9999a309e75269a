// Boxes that the embedded detector finds for the class names of a COCO data set, as COCO detection results:
// `segany eval boxes --boxes` scores the masks that they give. Needs a build: npm run build.
// usage: node benchmarks/text-boxes.mjs FOLDER FILE
//   FOLDER  has annotations.json and images/; its classes that the detector does not know are left out
//   FILE    for the results; precision and recall of boxes by threshold go to standard error
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { boxIou, boxXywhToXyxy } from "../packages/masks/dist/index.js";
import { readImage } from "../packages/sam/dist/images.js";
import { openTextGrounder } from "../packages/sam/dist/text.js";

/** Least score of the results: average precision needs the improbable ones, too. */
const FLOOR = 0.02;
const THRESHOLDS = [0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5];

const [folder, file] = process.argv.slice(2);
const set = JSON.parse(readFileSync(join(folder, "annotations.json"), "utf8"));
const grounder = await openTextGrounder();
const known = set.categories.filter(({ name }) => {
  try {
    return grounder.check(name) !== "";
  } catch {
    return false;
  }
});
const ids = new Map(known.map(({ id, name }) => [name, id]));
const results = [];
for (const { id, file_name } of set.images) {
  const image = await readImage(join(folder, "images", file_name));
  const { objects } = await grounder.ground(image, [...ids.keys()], { threshold: FLOOR });
  for (const { label, category, score, boxXyxy } of objects) {
    if (label !== category) continue; // of another class that the name means as well
    const [x0, y0, x1, y1] = boxXyxy;
    results.push({ image_id: id, category_id: ids.get(label), bbox: [x0, y0, x1 - x0, y1 - y0], score });
  }
}
await grounder.close();
writeFileSync(file, JSON.stringify(results));

const truths = set.annotations.filter(({ category_id }) => known.some(({ id }) => id === category_id));
for (const threshold of THRESHOLDS) {
  const found = results.filter(({ score }) => score >= threshold);
  const right = countMatches(found);
  const [precision, recall] = [right / found.length, right / truths.length];
  const f1 = (2 * right) / (found.length + truths.length);
  console.error(threshold, precision.toFixed(3), recall.toFixed(3), f1.toFixed(3));
}

/** Boxes at IoU .5 with a truth of their class that no better box has. */
function countMatches(found) {
  const taken = new Set();
  for (const { image_id, category_id, bbox } of found.toSorted((a, b) => b.score - a.score)) {
    const own = truths.filter(
      (truth) => truth.image_id === image_id && truth.category_id === category_id && !taken.has(truth),
    );
    const overlaps = own.map((truth) => boxIou(boxXywhToXyxy(bbox), boxXywhToXyxy(truth.bbox)));
    const best = Math.max(...overlaps);
    if (best >= 0.5) taken.add(own[overlaps.indexOf(best)]);
  }
  return taken.size;
}
