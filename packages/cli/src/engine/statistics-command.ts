import { type DataEngine, type QualityRow, type StatisticsKey, statisticsCsv } from "@segany/data-engine";
import { Command, Option } from "commander";
import { printJson, printLine, printText } from "../terminal/print.js";
import {
  addEngineOptions,
  createNames,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";

interface StatisticsArguments extends EngineArguments {
  readonly project?: string;
  readonly by: StatisticsKey;
  readonly csv?: boolean;
}

const KEYS: readonly StatisticsKey[] = ["person", "source", "model", "stage", "class", "day", "week"];

/** `segany engine statistics` */
export function statisticsCommand(): Command {
  const command = new Command("statistics")
    .summary("show masks a labelled image, seconds and clicks a mask")
    .description("Shows how much was labelled, how fast and with how many clicks; pauses are not counted.")
    .option("--project <name>", "project (default: the only one)")
    .addOption(new Option("--by <key>", "what to group by").choices(KEYS).default("person"))
    .addOption(new Option("--csv", "print CSV").conflicts("json"))
    .action(run);
  return addEngineOptions(command);
}

async function run({ by, csv, json, ...options }: StatisticsArguments): Promise<void> {
  await withEngine(options, async (engine) => {
    const project = await findProject(engine, options.project);
    const { rows: found, isSample } = await engine.qualityTables.read(project.id, { by });
    const rows = by === "person" ? await withNames(engine, found) : found;
    // The lines of RFC 4180 end with a carriage return, which a terminal would show.
    if (csv) return printText(statisticsCsv(rows).replaceAll("\r\n", "\n"));
    const overview = await engine.statistics.overview(project.id);
    if (json) return printJson({ project: project.id, overview, by, isSample, rows });
    const { images, masksPerImage } = overview;
    printLine(
      `${project.name}: ${images.done} images labelled, ${images.open} open, ${images.skipped} skipped; ${numberOf(masksPerImage)} masks a labelled image`,
    );
    for (const row of rows) printLine(lineOf(row));
  });
}

function lineOf(row: QualityRow): string {
  const { key, masks, secondsPerMask, clicksPerMask, kept, reviewed, truthIou } = row;
  const made = `${masks} masks, ${numberOf(secondsPerMask)} s and ${numberOf(clicksPerMask)} clicks a mask`;
  const accepted = reviewed === 0 ? "" : `, ${kept} of ${reviewed} accepted as made`;
  const truth = truthIou === null ? "" : `, IoU ${truthIou.toFixed(2)} to ground truth`;
  return `  ${key || "(none)"}: ${made}${accepted}${truth}`;
}

const numberOf = (value: number | null) => value?.toFixed(1) ?? "-";

/** Shows people by their names. */
async function withNames(engine: DataEngine, rows: readonly QualityRow[]): Promise<QualityRow[]> {
  const nameOf = createNames(engine);
  return Promise.all(rows.map(async (row) => ({ ...row, key: await nameOf(row.key) })));
}
