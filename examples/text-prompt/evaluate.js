/** How well words find objects in scenes, and what a mask that ignores the words would reach. */
import { maskIou, runsToMask } from "@segany/masks";
import { loadSam, SamPredictor } from "@segany/sam";
import { openTextGrounder } from "@segany/sam/text";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Opens what `trainTextPrompt` made, as a predictor that takes words. */
export async function openWords({ clip, sam: checkpoint, projection }) {
  const sam = await loadSam(undefined, { checkpoint, threads: 1 });
  const grounder = await openTextGrounder({ checkpoint: clip, projection, sam, threads: 1 });
  const close = async () => {
    await grounder.close();
    await sam.close();
  };
  return { predictor: new SamPredictor(sam, { grounder }), close };
}

/**
 * Asks for every object of the scenes by its name.
 *
 * - `miou`: mean IoU of the masks with their objects
 * - `chance`: the same masks, each compared with all objects of its scene
 * - `singleMask`: the best that one mask a scene can reach, whatever the word: the best of all masks that the
 *   words gave, of all true masks, of all of them together, and of the whole image
 * - `oneWord`: what perfect masks of all objects of the asked colour would reach: more than this needs both
 *   words
 * - `right`, `sameColour`, `sameShape`, `other`: shares of the masks by the object that they fit best
 * - `best`: mean IoU of each mask with the object that it fits best
 */
export async function evaluateWords(predictor, scenes) {
  const found = [];
  for (const { image, masks: objects } of scenes) {
    await predictor.setImage(image);
    const truth = objects.map(({ runs }) => runsToMask(runs()));
    const masks = [];
    for (const { className: text } of objects)
      masks.push((await predictor.predict({ text })).masks[0] ?? empty(image));
    const ious = masks.map((mask) => truth.map((other) => maskIou(mask, other)));
    found.push({ image, names: objects.map(({ className }) => className), truth, masks, ious });
  }
  const kinds = found.flatMap(({ names, ious }) =>
    ious.map((row, i) => kindOf(names[i], names[row.indexOf(Math.max(...row))])),
  );
  const share = (kind) => kinds.filter((each) => each === kind).length / kinds.length;
  return {
    found,
    miou: mean(found.flatMap(({ ious }) => ious.map((row, i) => row[i]))),
    chance: mean(found.flatMap(({ ious }) => ious.flat())),
    singleMask: mean(found.map(bestSingleMask)),
    oneWord: mean(found.map(ofColours)),
    best: mean(found.flatMap(({ ious }) => ious.map((row) => Math.max(...row)))),
    right: share("right"),
    sameColour: share("same colour"),
    sameShape: share("same shape"),
    other: share("other"),
  };
}

function kindOf(asked, got) {
  if (asked === got) return "right";
  const [[colour, shape], [otherColour, otherShape]] = [asked, got].map((name) => name.split(" "));
  return colour === otherColour ? "same colour" : shape === otherShape ? "same shape" : "other";
}

/** Mean IoU of each object with all objects of its colour. */
function ofColours({ names, truth }) {
  const areaOf = (i) => truth[i].data.reduce((sum, inside) => sum + inside, 0);
  const colourOf = (i) => names[i].split(" ")[0];
  const all = names.map((_, i) => i);
  const areaOfColour = (i) =>
    all.filter((j) => colourOf(j) === colourOf(i)).reduce((sum, j) => sum + areaOf(j), 0);
  return mean(all.map((i) => areaOf(i) / areaOfColour(i)));
}

function bestSingleMask({ image, truth, masks }) {
  const together = empty(image);
  for (const { data } of truth) for (let i = 0; i < data.length; i++) together.data[i] |= data[i];
  const whole = { ...empty(image), data: new Uint8Array(image.width * image.height).fill(1) };
  const candidates = [...masks, ...truth, together, whole];
  return Math.max(...candidates.map((mask) => mean(truth.map((object) => maskIou(mask, object)))));
}

function empty({ width, height }) {
  return { width, height, data: new Uint8Array(width * height) };
}
