/** Where a model's time goes, by ONNX Runtime's own profiler. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SamError, throwIfAborted } from "@segany/masks";
import type { Session } from "@segany/runtime";
import { type ProfiledNode, readProfile, resolveDevice, sessionOpener } from "@segany/runtime/node";
import { openState } from "../files/node-open-state.js";
import type { NodeEngineSpec } from "../processes/node-engine.js";
import { type ModelStep, openModelSteps } from "./node-model-steps.js";

/** One graph's profile. */
export interface GraphProfile {
  readonly name: "encoder" | "preparation" | "decoder";
  /** In the order of their running; the median time of each over the runs. */
  readonly nodes: readonly ProfiledNode[];
  /** Sum over the nodes, a little less than a run takes. */
  readonly totalMs: number;
}

/** How much to profile. */
export interface ProfileOptions {
  /** Runs that are counted; one before them is not. */
  readonly runs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Profiles encoder, preparation and the decoder's batch in this process. Profiling itself costs a little: shares are to
 * be trusted, times less.
 *
 * @throws SamError as loading the model does, `option-invalid` for fewer runs than one, `aborted`
 */
export async function profileModel(
  spec: NodeEngineSpec,
  { runs = 5, signal }: ProfileOptions = {},
): Promise<GraphProfile[]> {
  if (!Number.isInteger(runs) || runs < 1)
    throw new SamError("option-invalid", `runs is ${runs}; it must be a whole number from 1 on.`);
  const folder = await mkdtemp(join(tmpdir(), "segany-profile-"));
  try {
    const names = await runProfiled(spec, folder, runs, signal);
    return await Promise.all(names.map((name) => profileOf(name, folder, runs)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type GraphName = GraphProfile["name"];
/** In the order in which `openModelSteps` opens them; a click is the decoder once more. */
const GRAPHS: readonly GraphName[] = ["encoder", "preparation", "decoder"];

/** Each session writes its file when it is closed, so that all are there when this returns. */
async function runProfiled(
  spec: NodeEngineSpec,
  folder: string,
  runs: number,
  signal: AbortSignal | undefined,
): Promise<readonly GraphName[]> {
  const device = resolveDevice(spec);
  const state = await openState(spec);
  let opened = 0;
  const open = (...[graph, load]: Parameters<ReturnType<typeof sessionOpener>>): Promise<Session> => {
    const profilePrefix = join(folder, `${GRAPHS[opened++]!}-`);
    return sessionOpener({ ...device, profilePrefix }, spec.cacheDirectory, state.sha256)(graph, load);
  };
  const model = await openModelSteps(state, open, device).finally(() => state.close());
  try {
    for (const step of model.steps.filter(isProfiled)) {
      for (let run = 0; run <= runs; run++) {
        throwIfAborted(signal);
        await step.run();
      }
    }
  } finally {
    await model.close();
  }
  return GRAPHS;
}

function isProfiled({ name }: ModelStep): boolean {
  return name !== "click";
}

async function profileOf(name: GraphName, folder: string, runs: number): Promise<GraphProfile> {
  const file = (await readdir(folder)).find((entry) => entry.startsWith(`${name}-`));
  if (!file) throw new SamError("inference-failed", `ONNX Runtime has written no profile of the ${name}.`);
  const nodes = readProfile(await readFile(join(folder, file), "utf8"), runs);
  return { name, nodes, totalMs: nodes.reduce((sum, node) => sum + node.ms, 0) };
}
