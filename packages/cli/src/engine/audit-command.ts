import type { StageAudit } from "@segany/data-engine";
import { Command } from "commander";
import { parseCount } from "../numbers.js";
import { printJson, printLine } from "../terminal/print.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";

interface AuditArguments extends EngineArguments {
  readonly masks: number;
  readonly imagesPerJob?: number;
}

/** `segany engine audit` */
export function auditCommand(): Command {
  const command = new Command("audit")
    .summary("have a sample of stage 3 corrected, and say how much of it was good")
    .description(
      "Draws masks of the last run of stage 3 at random, and makes jobs of their images, in which annotators correct them. Called again, it prints the share of masks with an IoU above .9 and .75 to their correction, with 95 % intervals (Wilson). The paper's are 94 % and 97 %.",
    )
    .argument("[project]", "name or id of the project (default: the only one)")
    .option("--masks <n>", "masks of the sample", parseCount, 500)
    .option("--images-per-job <n>", "images that one person gets at a time (default: 10)", parseCount)
    .action(run);
  return addActorOption(addEngineOptions(command));
}

async function run(named: string | undefined, options: AuditArguments): Promise<void> {
  await withEngine(options, async (engine) => {
    const project = await findProject(engine, named);
    const last = await engine.stageAudits.last(project.id);
    const runs = await engine.stages.list(project.id);
    const isNewest = last && runs.find(({ stage, finishedAt }) => stage === 3 && finishedAt)?.id === last.run;
    const { masks, imagesPerJob } = options;
    const audit = isNewest
      ? last
      : await engine.stageAudits.begin(await actor(engine, options), project.id, {
          masks,
          ...(imagesPerJob !== undefined && { imagesPerJob }),
        });
    if (options.json) printJson(auditJson(audit));
    else printLine(auditLine(audit));
  });
}

function auditJson({ share75, share90, masks, interval75, interval90, ...audit }: StageAudit) {
  const shares = { "share@75": share75, "share@90": share90, n: masks.done };
  return { ...audit, masks, ...shares, interval75, interval90 };
}

function auditLine({ jobs, masks, ...audit }: StageAudit): string {
  const todo = `${masks.done} of ${masks.total} masks are corrected, in ${jobs.length} jobs`;
  if (masks.done === 0) return `${todo}. Annotators get them before other images.`;
  const percent = (value: number) => (100 * value).toFixed(1);
  const share = (value: number, [low, high]: readonly [number, number]) =>
    `${percent(value)} % (${percent(low)} to ${percent(high)})`;
  return `${todo}: ${share(audit.share90, audit.interval90)} have an IoU above .9, ${share(audit.share75, audit.interval75)} above .75.`;
}
