// Fresh processes: the first embedding, opening included, beside the later ones, with and without huge pages.
import { hugePages } from "../../packages/runtime/dist/processes.js";
import { encoderGraph } from "../../packages/sam/dist/families/sam/encoder-graph.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { peakMb, runChild } from "../lib/child.mjs";
import { median, tell } from "../lib/interleave.mjs";
import { device, noise, openModel, openProduct, randomCheckpointFile } from "../lib/models.mjs";

const WITHOUT = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=0" };
const { quick, folder, model } = partArguments({ model: { type: "string" } });
const rounds = quick ? 1 : 5;

/** In a process of its own, as the library's engine has one. */
async function encodeFirst(checkpoint) {
  const start = performance.now();
  const opened = await openModel({ folder, ...(checkpoint && { checkpoint }) });
  const session = await opened.open(encoderGraph(opened.weights, opened.architecture.encoder, device));
  const openMs = performance.now() - start;
  const image = noise([1, 3, 1024, 1024]);
  const runMs = [];
  let first;
  for (let run = 0; run < (quick ? 2 : 4); run++) {
    const began = performance.now();
    await session.run({ image });
    runMs.push(performance.now() - began);
    first ??= process.resourceUsage();
  }
  const [firstMs, ...later] = runMs;
  return {
    ms: openMs + firstMs,
    openMs,
    warmMs: median(later),
    cpuMs: (first.userCPUTime + first.systemCPUTime) / 1000,
    faults: first.minorPageFault,
    peakMb: peakMb(),
  };
}

async function coldRow(name, what, checkpoint) {
  const args = ["--folder", folder, "--model", checkpoint ?? "embedded"];
  const open = (env) => runChild("../parts/cold.mjs", args, env);
  await open({}); // builds the graph
  const [found, without] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    found.push(await open(hugePages().env));
    without.push(await open(WITHOUT));
    tell(`${name}, round ${round} of ${rounds}`);
  }
  const of = (list, field) => median(list.map((each) => each[field]));
  const thousands = (list) => `${Math.round(of(list, "faults") / 1000)} thousand`;
  const seconds = (list) => (of(list, "cpuMs") / 1000).toFixed(1);
  return {
    id: `cold/${name}`,
    what: `${what}: first embedding of a fresh process, opening included (${of(found, "openMs").toFixed(0)} ms; ${thousands(found)} page faults, ${seconds(found)} s of processor time; without huge pages ${thousands(without)}, ${seconds(without)} s)`,
    ms: of(found, "ms"),
    minMs: Math.min(...found.map(({ ms }) => ms)),
    peakMb: of(found, "peakMb"),
    peers: {
      warm: of(found, "warmMs"),
      "without huge pages": of(without, "ms"),
      "warm without them": of(without, "warmMs"),
    },
  };
}

if (model) answer(await encodeFirst(model === "embedded" ? undefined : model));
else {
  const product = await openProduct();
  const products = [];
  for (let i = 0; i < 5; i++) products.push(await product.timeMs());
  const rows = [
    await coldRow("mobile_sam", "MobileSAM"),
    await coldRow("vit_b", "ViT-B", await randomCheckpointFile("vit_b", folder)),
  ];
  answer({ gflops: product.flops / Math.min(...products) / 1e6, rows });
}
