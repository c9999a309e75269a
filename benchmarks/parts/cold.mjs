// Fresh processes: the first embedding, opening included, beside the later ones; with the packed copy and
// huge pages, as the library runs from the second time on, and without either.
import { join } from "node:path";
import { listCachedGraphs } from "../../packages/runtime/dist/cache/node-graph-cache.js";
import { packGraph } from "../../packages/runtime/dist/cache/node-packed-graph.js";
import { graphCacheDirectory } from "../../packages/runtime/dist/cache/node-session-opener.js";
import { hugePages } from "../../packages/runtime/dist/processes.js";
import { encoderGraph } from "../../packages/sam/dist/families/sam/encoder-graph.js";
import { answer, FOLDER_PREFIX, partArguments } from "../lib/arguments.mjs";
import { peakMb, runChild } from "../lib/child.mjs";
import { median, tell } from "../lib/interleave.mjs";
import { device, noise, openModel, openProduct, randomCheckpointFile } from "../lib/models.mjs";

const SMALL_PAGES = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=0" };
const { quick, folder, model, packs } = partArguments({
  model: { type: "string" },
  packs: { type: "boolean", default: false },
});
const rounds = quick ? 1 : 5;

/** The encoder of the model, in a process of its own, as the library's engine has one. */
async function openEncoder() {
  const opened = await openModel({ folder, ...(model !== "embedded" && { checkpoint: model }) });
  const graph = encoderGraph(opened.weights, opened.architecture.encoder, device);
  return { graph, session: await opened.open(graph) };
}

async function packEncoder() {
  const { graph, session } = await openEncoder();
  await session.close();
  const directory = graphCacheDirectory(folder);
  const [{ key }] = await listCachedGraphs(directory);
  await packGraph({ directory, key, inputs: graph.inputs, device });
}

async function encodeFirst() {
  const start = performance.now();
  const { session } = await openEncoder();
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

async function coldRow(name, what, checkpoint = "embedded") {
  const open = (variant, env, ...more) =>
    runChild(
      "../parts/cold.mjs",
      ["--folder", join(folder, `${FOLDER_PREFIX}${name}-${variant}`), "--model", checkpoint, ...more],
      env,
    );
  await open("packed", SMALL_PAGES, "--packs");
  await open("built", SMALL_PAGES); // builds the graph
  const [fast, plain] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    fast.push(await open("packed", hugePages().env));
    plain.push(await open("built", SMALL_PAGES));
    tell(`${name}, round ${round} of ${rounds}`);
  }
  const of = (list, field) => median(list.map((each) => each[field]));
  const about = (list) =>
    `opening ${of(list, "openMs").toFixed(0)} ms, ${Math.round(of(list, "faults") / 1000)} thousand page faults, ${(of(list, "cpuMs") / 1000).toFixed(1)} s of processor time`;
  return {
    id: `cold/${name}`,
    what: `${what}: first embedding of a fresh process, opening included (${about(fast)}; without packed copy and huge pages ${about(plain)})`,
    ms: of(fast, "ms"),
    minMs: Math.min(...fast.map(({ ms }) => ms)),
    peakMb: of(fast, "peakMb"),
    peers: {
      warm: of(fast, "warmMs"),
      "without either": of(plain, "ms"),
      "warm without either": of(plain, "warmMs"),
    },
  };
}

if (packs) answer((await packEncoder()) ?? {});
else if (model) answer(await encodeFirst());
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
