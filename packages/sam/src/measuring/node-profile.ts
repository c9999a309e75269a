/** Profiles a model with ONNX Runtime's own profiler. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { SamError, throwIfAborted } from "@segany/masks";
import type { Session } from "@segany/runtime";
import { type ProfiledNode, readProfile, resolveDevice, sessionOpener } from "@segany/runtime/node";
import { openState } from "../files/node-open-state.js";
import type { NodeEngineSpec } from "../processes/node-engine.js";
import { type ModelStep, openModelSteps } from "./node-model-steps.js";

/** One graph's profile. */
export interface GraphProfile {
  readonly name: "encoder" | "preparation" | "decoder";
  /** In execution order, each with its median time over the runs. */
  readonly nodes: readonly ProfiledNode[];
  /** Sum over the nodes, slightly less than the time of a run. */
  readonly totalMs: number;
}

/** How much to profile. */
export interface ProfileOptions {
  /** Runs to count, after a warm-up run. */
  readonly runs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Profiles encoder, preparation and the decoder's batch in this process. Profiling has some overhead: shares
 * are more reliable than times.
 *
 * @throws SamError as for loading the model, `option-invalid` for fewer runs than one, `aborted`
 *
 * @example
 * const spec = { cacheDirectory: cacheDirectory() }; // the embedded weights
 * const profiles = await profileModel(spec, { runs: 1 });
 * console.log(profiles.map(({ name }) => name).join()); // encoder,preparation,decoder
 */
export async function profileModel(
  spec: NodeEngineSpec,
  { runs = 5, signal }: ProfileOptions = {},
): Promise<GraphProfile[]> {
  if (!Number.isInteger(runs) || runs < 1)
    throw new SamError("option-invalid", `runs is ${runs}; it must be an integer of at least 1.`);
  const folder = await mkdtemp(join(tmpdir(), "segany-profile-"));
  try {
    const names = await runProfiled(spec, folder, runs, signal);
    return await Promise.all(names.map((name, i) => profileOf(name, join(folder, prefixOf(i)), runs)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type GraphName = GraphProfile["name"];

/** Start of the file name of a graph's profile. @param index graphs are opened in the order of their steps */
function prefixOf(index: number): string {
  return `graph-${index}-`;
}

/** Runs with profiling. Each session writes its file when it is closed, so all exist when this returns. */
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
    const profilePrefix = join(folder, prefixOf(opened++));
    return sessionOpener({ ...device, profilePrefix }, spec.cacheDirectory, state.sha256)(graph, load);
  };
  const model = await openModelSteps(state, open, device).finally(() => state.close());
  const steps = model.steps.filter(isProfiled);
  try {
    for (const step of steps) {
      for (let run = 0; run <= runs; run++) {
        throwIfAborted(signal);
        await step.run();
      }
    }
  } finally {
    await model.close();
  }
  return steps.map(({ name }) => name);
}

/** A click is the decoder with one prompt, and not profiled separately. */
function isProfiled(step: ModelStep): step is ModelStep & { readonly name: GraphName } {
  return step.name !== "click";
}

/** @param prefix start of the profile's path */
async function profileOf(name: GraphName, prefix: string, runs: number): Promise<GraphProfile> {
  const [folder, start] = [dirname(prefix), basename(prefix)];
  const file = (await readdir(folder)).find((entry) => entry.startsWith(start));
  if (!file) throw new SamError("inference-failed", `ONNX Runtime has written no profile of the ${name}.`);
  const nodes = readProfile(await readFile(join(folder, file), "utf8"), runs);
  return { name, nodes, totalMs: nodes.reduce((sum, node) => sum + node.ms, 0) };
}
