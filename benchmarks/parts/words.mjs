// Words to masks on an image whose embedding is known: the embedded detector, and the decoder for what it
// finds.
import { join, resolve } from "node:path";
import { loadSam, readImage, SamPredictor } from "../../packages/sam/dist/node.js";
import { openTextGrounder } from "../../packages/sam/dist/text.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { interleave } from "../lib/interleave.mjs";
import { openProduct } from "../lib/models.mjs";

const { quick, folder } = partArguments();
const root = resolve(import.meta.dirname, "../..");
const image = await readImage(join(root, "examples/still-life.jpg"));
const sam = await loadSam("mobile_sam", { runIn: "this-process", cacheDirectory: folder });
const grounder = await openTextGrounder({ cacheDirectory: folder });
const predictor = new SamPredictor(sam, { grounder });
await predictor.setImage(image);
const form = { outputMode: "coco_rle" };
const { grounding } = await predictor.predict({ text: "bottle", ...form });
const [{ boxXyxy }] = grounding.objects;

/** Knows the embedding, but nothing yet of how its masks are scaled. */
function fresh() {
  const other = new SamPredictor(sam, { grounder });
  other.setImageEmbedding(predictor.getImageEmbedding(), { ...image });
  return other;
}

const cases = {
  box: () => predictor.predict({ box: boxXyxy, ...form }),
  again: () => predictor.predict({ text: "bottle", ...form }),
  // Another object is another image, which the detector looks at anew.
  detector: () => grounder.ground({ ...image }, "bottle"),
  firstBox: () => fresh().predict({ box: boxXyxy, ...form }),
  first: () => fresh().predict({ text: "bottle", ...form }),
};
const product = await openProduct();
const { times, gflops } = await interleave(cases, { rounds: quick ? 2 : 15, product });
const box = times.box.ms;
answer({
  gflops,
  rows: [
    { id: "words/detector", what: "detector, 1200x800 pixels", ...times.detector, peers: {} },
    {
      id: "words/first",
      what: "words to one mask, the first on an image with an embedding",
      ...times.first,
      peers: { "detector and a first box": times.detector.ms + times.firstBox.ms },
    },
    {
      id: "words/again",
      what: "words to one mask, again on that image",
      ...times.again,
      peers: { "a box": box },
    },
  ],
});
await grounder.close();
await sam.close();
