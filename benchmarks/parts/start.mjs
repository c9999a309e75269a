// Start-up: `segany predict --embedding` from the process's start, and ViT-B from its checkpoint for the
// first and second time.
import { execFileSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { encoderGraph } from "../../packages/sam/dist/families/sam/encoder-graph.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { peakMb, runChild } from "../lib/child.mjs";
import { interleave, median } from "../lib/interleave.mjs";
import { device, openModel, openProduct, randomCheckpointFile } from "../lib/models.mjs";

const { quick, folder, open } = partArguments({ open: { type: "string" } });
const root = resolve(import.meta.dirname, "../..");
const coldFolder = join(folder, "cold");

/** In a process of its own: the encoder's session out of the checkpoint, and what memory that took. */
async function openOnce(checkpoint) {
  const start = performance.now();
  const model = await openModel({ folder: coldFolder, checkpoint });
  await model.open(encoderGraph(model.weights, model.architecture.encoder, device));
  const ms = performance.now() - start;
  await model.state.close();
  return { ms, peakMb: peakMb() };
}

async function vitRows() {
  const checkpoint = await randomCheckpointFile("vit_b", folder);
  const sizeMb = Math.round(statSync(checkpoint).size / 2 ** 20);
  const [cold, warm] = [[], []];
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    rmSync(coldFolder, { recursive: true, force: true });
    const args = ["--folder", folder, "--open", checkpoint];
    cold.push(await runChild("../parts/start.mjs", args));
    warm.push(await runChild("../parts/start.mjs", args));
  }
  rmSync(coldFolder, { recursive: true, force: true });
  const summary = (list) => ({
    ms: median(list.map(({ ms }) => ms)),
    minMs: Math.min(...list.map(({ ms }) => ms)),
    peakMb: Math.max(...list.map((entry) => entry.peakMb)),
  });
  return [
    {
      id: "start/cold",
      what: `ViT-B built from its checkpoint (${sizeMb} MB)`,
      ...summary(cold),
      sizeMb,
      peers: {},
    },
    {
      id: "start/warm",
      what: "ViT-B opened again, its built weights mapped",
      ...summary(warm),
      peers: { "first time": summary(cold).ms },
    },
  ];
}

async function predictRow() {
  const command = join(root, "packages/cli/bin/segany.js");
  const photo = join(root, "examples/still-life.jpg");
  const embedding = join(folder, "photo.safetensors");
  const run = (...args) =>
    execFileSync(process.execPath, [command, ...args], {
      env: { ...process.env, SEGANY_CACHE: join(folder, "predict-cache") },
      stdio: ["ignore", "ignore", "inherit"],
    });
  run("embed", photo, "--output", embedding, "--quiet");
  const args = [
    "predict",
    photo,
    "--point",
    "610,430",
    "--embedding",
    embedding,
    "--output",
    join(folder, "out"),
  ];
  const product = await openProduct();
  const { times, gflops } = await interleave(
    {
      predict: () => run(...args, "--no-picture", "--quiet"),
      picture: () => run(...args, "--quiet"),
      node: () => execFileSync(process.execPath, ["--eval", ""]),
    },
    { rounds: quick ? 2 : 11, product },
  );
  return {
    gflops,
    row: {
      id: "start/predict",
      what: "`segany predict --embedding`, process start to end",
      ...times.predict,
      peers: { "with the rendered image": times.picture.ms, "empty Node": times.node.ms },
    },
  };
}

if (open) answer(await openOnce(open));
else {
  const { gflops, row } = await predictRow();
  answer({ gflops, rows: [row, ...(await vitRows())] });
}
