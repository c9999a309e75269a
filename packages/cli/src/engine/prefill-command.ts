import { type DataEngine, type PrefillReport, type ProposedMask, prefillProject } from "@segany/data-engine";
import { SamError } from "@segany/masks";
import { readImage, type Sam, SamPredictor } from "@segany/sam";
import type { TextGrounder } from "@segany/sam/text";
import { createImageReader } from "@segany/server";
import { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { loadModel } from "../load-model.js";
import { addModelSelection, type ModelOptions } from "../model-options.js";
import { openGrounder, type TextOptions } from "../open-grounder.js";
import { printJson } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import { addTextEngine } from "../text-options.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";

interface PrefillArguments extends EngineArguments, TextOptions, Omit<ModelOptions, "quiet"> {
  readonly project?: string;
  readonly task?: string;
  readonly class?: readonly string[];
}

/** `segany engine prefill` */
export function prefillCommand(): Command {
  const command = new Command("prefill")
    .summary("propose masks by the names of a project's classes")
    .description(
      "Finds objects by the names of the project's classes on the images that are still to be labelled, and adds their masks for people to correct or delete. What is there stays, and so do images that somebody works on.",
    )
    .option("--project <name>", "project (default: the only one)")
    .option("--task <name>", "only the images of this task (default: all)")
    .option("--class <name...>", "only these classes (default: all)");
  return addActorOption(addModelSelection(addTextEngine(addEngineOptions(command)))).action(run);
}

async function run(options: PrefillArguments): Promise<void> {
  const progress = createProgress({ quiet: options.quiet || options.json });
  await withEngine(options, async (engine) => {
    const project = await findProject(engine, options.project);
    const task = options.task === undefined ? undefined : await findTask(engine, project.id, options.task);
    const named = classesOf(
      project.classes.map(({ name }) => name),
      options.class,
    );
    const person = await actor(engine, options);
    await using sam = await loadModel(options, { opensEncoder: true });
    await using grounder = await openGrounder(options, sam);
    const classes = knownClasses(grounder, named, progress);
    progress.begin("Looking for objects", 1);
    const report = await prefillProject(engine.context, person, {
      project: project.id,
      ...(task !== undefined && { task }),
      propose: proposer(options, { sam, grounder }, classes),
      provenance: provenanceOf(sam, grounder),
      signal: interruption,
      onProgress: (done, total) => progress.update(done / total, `${done} of ${total} images`),
    });
    progress.end(describe(report));
    if (options.json) printJson({ project: project.id, engine: grounder.engine, classes, ...report });
  });
}

/** @throws UsageError for a class that the project does not have, or no class at all */
function classesOf(all: readonly string[], chosen: readonly string[] = all): readonly string[] {
  const unknown = chosen.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`The project has no class "${unknown}". Its classes: ${all.join(", ") || "none"}.`);
  if (chosen.length === 0)
    throw new UsageError("The project has no classes, so there are no names to look for.");
  return chosen;
}

/** Those that the engine has words for. @throws SamError `text-unknown` if it has none */
function knownClasses(
  grounder: TextGrounder,
  names: readonly string[],
  progress: Progress,
): readonly string[] {
  let first: SamError | undefined;
  const known = names.filter((name) => {
    try {
      grounder.check(name);
      return true;
    } catch (error) {
      if (!(error instanceof SamError)) throw error;
      first ??= error;
      progress.note(`The class "${name}" is left out: ${error.message}`);
      return false;
    }
  });
  if (known.length === 0 && first) throw first;
  return known;
}

async function findTask(engine: DataEngine, project: string, named: string): Promise<string> {
  const tasks = await engine.tasks.list(project, { limit: 10_000 });
  const fitting = tasks.filter(({ id, name }) => id === named || name === named);
  if (fitting.length === 1) return fitting[0]!.id;
  const names = tasks.map(({ name }) => `"${name}"`).join(", ") || "none";
  throw new UsageError(
    fitting.length === 0
      ? `There is no task "${named}". Tasks: ${names}.`
      : `${fitting.length} tasks are named "${named}"; give the id of one.`,
  );
}

/** Finds the classes' objects on an image of the data folder; undefined if the image can't be read. */
function proposer(
  { data, textThreshold }: PrefillArguments,
  { sam, grounder }: { readonly sam: Sam; readonly grounder: TextGrounder },
  classes: readonly string[],
): (image: string) => Promise<readonly ProposedMask[] | undefined> {
  const read = createImageReader(data);
  return async (id) => {
    const image = await readImage(await read(id), { signal: interruption }).catch((error: unknown) => {
      if (error instanceof SamError && error.code.startsWith("image-")) return undefined;
      throw error;
    });
    if (!image) return undefined;
    const predictor = new SamPredictor(sam, { grounder });
    await predictor.setImage(image, { signal: interruption });
    const predictions = await predictor.predictBatch(
      classes.map((text) => ({ text })),
      {
        outputMode: "coco_rle",
        signal: interruption,
        ...(textThreshold !== undefined && { textThreshold }),
      },
    );
    return predictions.flatMap(({ masks, grounding }, place) =>
      masks.map((mask, i) => ({
        mask,
        className: classes[place]!,
        score: grounding!.objects[i]!.score,
      })),
    );
  };
}

function provenanceOf({ model }: Sam, { engine, checkpointSha256 }: TextGrounder) {
  return {
    engine,
    engineHash: checkpointSha256,
    model: { name: model.name, hash: model.checkpointSha256 },
  };
}

function describe({ images, masks, known, busy, unreadable }: PrefillReport): string {
  const more = [
    ...(known > 0 ? [`${known} proposals were there already`] : []),
    ...(busy > 0 ? [`${busy} images are somebody's at present`] : []),
    ...(unreadable > 0 ? [`${unreadable} images can't be read`] : []),
  ];
  return `${masks} new masks on ${images} images${more.map((text) => `; ${text}`).join("")}`;
}
