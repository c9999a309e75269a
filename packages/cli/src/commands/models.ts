import { cacheDirectory } from "@segany/runtime/files";
import {
  downloadCheckpoint,
  findCheckpoint,
  findModelVariant,
  findTextModel,
  type ModelVariant,
  modelVariants,
  type TextModel,
  textModels,
} from "@segany/sam";
import { Command, InvalidArgumentError } from "commander";
import { downloadSize } from "../download-size.js";
import { interruption } from "../interruption.js";
import { parseNumber } from "../numbers.js";
import { printJson, printLine } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";

/** `segany models`: lists the known models and downloads their weights. */
export function modelsCommand(): Command {
  const command = new Command("models")
    .summary("list models, download their weights")
    .description(
      "Lists the models with size, licence and source, and whether their weights are on this machine.",
    )
    .option("--json", "print JSON")
    .action(list);
  command
    .command("download")
    .description("download a model's weights into the cache folder, with resume and hash check")
    .argument("<model>", "name from the list")
    .option("--base-url <url>", "download from a mirror of the file; the hash is verified, too")
    .option("--timeout <seconds>", "seconds without data before the download reconnects", parseSeconds, 20)
    .option("-q, --quiet", "print only errors, no progress")
    .action(download);
  return command;
}

function parseSeconds(text: string): number {
  const seconds = parseNumber(text);
  if (seconds <= 0) throw new InvalidArgumentError("It must be above 0.");
  return seconds;
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const rows = await Promise.all([...modelVariants, ...textModels].map(describe));
  if (json) {
    printJson(rows);
    return;
  }
  for (const { name, description, size, licence, page, sha256, here } of rows) {
    printLine(`${name.padEnd(20)} ${size.padStart(9)}  ${licence.padEnd(10)}  ${here}`);
    printLine(`    ${description}`);
    printLine(`    ${page}`);
    if (sha256) printLine(`    sha256 ${sha256}`);
  }
  printLine("");
  printLine(`Download one with: segany models download vit_b     (into ${cacheDirectory()})`);
}

interface ModelRow extends Pick<ModelVariant, "name" | "description" | "licence" | "page"> {
  readonly size: string;
  /** Left out where nothing is downloaded. */
  readonly sha256?: string;
  readonly here: string;
}

async function describe(variant: ModelVariant | TextModel): Promise<ModelRow> {
  const { name, description, licence, page, source } = variant;
  if (source.kind === "embedded")
    return { name, description, size: "–", licence, page, here: "included in segany" };
  const path = await findCheckpoint(variant);
  return {
    name,
    description,
    size: downloadSize(source),
    licence,
    page,
    sha256: source.kind === "linked" ? "told by its host at the first download" : source.sha256,
    here: path ?? "not downloaded",
  };
}

async function download(
  name: string,
  {
    baseUrl,
    timeout,
    quiet,
  }: { readonly baseUrl?: string; readonly timeout: number; readonly quiet?: boolean },
): Promise<void> {
  const isTextModel = textModels.some((each) => each.name === name);
  const variant = isTextModel ? findTextModel(name) : findModelVariant(name);
  const progress = createProgress({ quiet });
  let begun = false;
  const path = await downloadCheckpoint(variant, {
    signal: interruption,
    ...(baseUrl && { baseUrl }),
    idleTimeoutMs: 1000 * timeout,
    onProgress({ receivedBytes, totalBytes }) {
      if (!begun) progress.begin(`Downloading ${variant.name}`, totalBytes);
      begun = true;
      progress.update(
        receivedBytes,
        `${(receivedBytes / 1e6).toFixed(0)} of ${(totalBytes / 1e6).toFixed(0)} MB`,
      );
    },
  });
  progress.end();
  printLine(path);
}
