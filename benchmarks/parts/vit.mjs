// A ViT image encoder with random weights: the fast form beside the plain one and int8 (ViT-B), and peaks of
// memory.

import { countWork } from "../../packages/graph/dist/count-work.js";
import { encoderGraph } from "../../packages/sam/dist/families/sam/encoder-graph.js";
import { loadSam, SamPredictor } from "../../packages/sam/dist/node.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { peakMb, runChild } from "../lib/child.mjs";
import { interleave } from "../lib/interleave.mjs";
import { cosine, device, noise, openModel, openProduct, randomCheckpointFile } from "../lib/models.mjs";

const ROUNDS = { vit_b: 7, vit_l: 4, vit_h: 3 };
const TITLES = { vit_b: "ViT-B", vit_l: "ViT-L", vit_h: "ViT-H" };
const { model, peak, quick, folder } = partArguments({
  model: { type: "string" },
  peak: { type: "string" },
});
const checkpoint = await randomCheckpointFile(model, folder);

const graphOf = (weights, { encoder }, form) =>
  form === "plain"
    ? encoderGraph(weights, encoder, { form: "plain" })
    : encoderGraph(weights, encoder, { precision: form, threads: device.threads });

/** One image through the library as a program would, in this process. */
async function encodeOnce(precision) {
  const sam = await loadSam(undefined, {
    checkpoint,
    precision,
    cacheDirectory: folder,
    runIn: "this-process",
  });
  const data = new Uint8ClampedArray(1024 * 683 * 4).map((_, i) => (i * 2_654_435_761) >>> 24);
  await new SamPredictor(sam).setImage({ width: 1024, height: 683, data });
  const mb = peakMb();
  await sam.close();
  return mb;
}

async function encodeOncePlainly() {
  const { weights, architecture, open, state } = await openModel({ folder, checkpoint });
  const session = await open(graphOf(weights, architecture, "plain"));
  await state.close();
  await session.run({ image: noise([1, 3, 1024, 1024]) });
  return peakMb();
}

async function measure() {
  const forms = model === "vit_b" ? ["fp32", "int8", "plain"] : ["fp32"];
  const opened = await openModel({ folder, checkpoint });
  const { weights, architecture } = opened;
  const graphs = Object.fromEntries(forms.map((form) => [form, graphOf(weights, architecture, form)]));
  const sessions = Object.fromEntries(
    await Promise.all(forms.map(async (form) => [form, await opened.open(graphs[form])])),
  );
  await opened.state.close();
  const product = await openProduct();
  const image = noise([1, 3, 1024, 1024]);
  const results = {};
  const cases = Object.fromEntries(
    forms.map((form) => [
      form,
      async () => {
        results[form] = (await sessions[form].run({ image })).image_embeddings.data;
      },
    ]),
  );
  const rounds = quick ? 1 : ROUNDS[model];
  const { times, gflops } = await interleave(cases, { rounds, product });
  for (const session of Object.values(sessions)) await session.close();
  const flops = Object.fromEntries(forms.map((form) => [form, countWork(graphs[form]).flops]));
  const alike = Object.fromEntries(forms.slice(1).map((form) => [form, cosine(results.fp32, results[form])]));
  return { times, gflops, flops, alike };
}

async function rows() {
  const { times, gflops, flops, alike } = await measure();
  const peaks = {};
  for (const form of Object.keys(times))
    peaks[form] = await runChild("../parts/vit.mjs", ["--folder", folder, "--model", model, "--peak", form]);
  const row = (form, what, beside) => ({
    id: `${model}/${form}`,
    what: `${TITLES[model]} encoder, ${what}`,
    ...times[form],
    flops: flops[form],
    peakMb: peaks[form],
    peers: Object.fromEntries(beside.filter((peer) => times[peer]).map((peer) => [peer, times[peer].ms])),
    ...(alike[form] && { cosine: alike[form] }),
  });
  const found = [row("fp32", "fp32", ["plain"])];
  if (times.int8) found.push(row("int8", "int8", ["fp32", "plain"]));
  if (times.plain) found.push(row("plain", "plain form", []));
  return { gflops, rows: found };
}

if (peak) answer(peak === "plain" ? await encodeOncePlainly() : await encodeOnce(peak));
else answer(await rows());
