import { once } from "node:events";
import { samModelRegistry } from "@segany/sam";
import {
  DEFAULT_LIMITS,
  type Limits,
  type RunningServer,
  startServer,
  studioDirectory,
} from "@segany/server";
import { Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { interruption, setGrace } from "../interruption.js";
import { addModelOptions, type ModelOptions } from "../model-options.js";
import { parseNumber, parseWithin } from "../numbers.js";
import { importImages } from "../serve/import-images.js";
import { openServer } from "../serve/open-server.js";
import { printLine, printNote } from "../terminal/print.js";

/** How long requests may take to end after Ctrl-C. */
const STOP_GRACE_MS = 30_000;

const MEBI = 2 ** 20;
const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "silent"] as const;

const EXAMPLES = `
Examples:
  segany serve                                 pictures and masks are kept in ./segany-data
  segany serve work --import photos            copies the images of ./photos into the data folder ./work
  segany serve work --port 9000
  segany serve --checkpoint sam_vit_b_01ec64.pth --precision int8
  segany serve --host 0.0.0.0                  reachable from elsewhere; prints an address with a token

The page is the studio; the same address answers programs: see /openapi.json and docs/server.md.`;

interface ServeOptions extends ModelOptions {
  readonly import?: string;
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly workers: number;
  readonly maxUpload: number;
  readonly maxMegapixels: number;
  readonly embeddingCache: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** `segany serve`: the model over HTTP, and the studio in the browser. */
export function serveCommand(): Command {
  const command = new Command("serve")
    .summary("open the studio in a browser; the model over HTTP")
    .description("Serves the studio, where you click an object and it is cut out, and the model over HTTP.")
    .argument(
      "[folder]",
      "data folder of the server: new, empty, or one that it made; any other is left as it is",
      "segany-data",
    )
    .option("--import <folder>", "copy the images of a folder, and of those inside, into the data folder")
    .option("-p, --port <n>", "port; 0 takes any free one", parseWithin(0, 65_535), 8765)
    .option("--host <address>", "address to listen on; any but this machine's own needs a token", "127.0.0.1")
    .option("--token <text>", "what clients have to show (made up where one is needed and none is given)")
    .option(
      "--workers <n>",
      "processes with a model each; from 2 on, one is kept free for clicks",
      parseWithin(1, 64),
      2,
    )
    .option("--max-upload <MiB>", "largest picture file", parseNumber, DEFAULT_LIMITS.maxUploadBytes / MEBI)
    .option("--max-megapixels <n>", "largest picture", parseNumber, DEFAULT_LIMITS.maxPixels / 1e6)
    .option(
      "--embedding-cache <MiB>",
      "embeddings kept on disk",
      parseNumber,
      DEFAULT_LIMITS.maxEmbeddingBytes / MEBI,
    )
    .addOption(new Option("--log-level <level>", "what is logged").choices(LOG_LEVELS).default("warn"))
    .action(run);
  return addModelOptions(command).addHelpText("after", EXAMPLES);
}

async function run(folder: string, options: ServeOptions): Promise<void> {
  const name = options.model ?? options.modelType;
  if (name !== undefined && !samModelRegistry.has(name)) {
    throw new UsageError(`--model ${name}: there is ${[...samModelRegistry.keys()].join(", ")}.`);
  }
  setGrace(STOP_GRACE_MS);
  if (!options.quiet) printNote(`Opening ${options.model ?? options.checkpoint ?? "mobile_sam"} …`);
  const { server, imports } = await openServer((path) => start(path, options), folder, options.import);
  if (!options.quiet) printNote("Ctrl-C stops it.");
  printLine(`Segany (${server.modelName}) is at ${server.url}`);
  if (imports.length > 0) await importImages(server, imports, { quiet: options.quiet, signal: interruption });
  if (!interruption.aborted) await once(interruption, "abort");
  await server.close();
}

function start(folder: string, options: ServeOptions): Promise<RunningServer> {
  const { model, modelType, checkpoint, device, threads, precision, host, port, token, workers, logLevel } =
    options;
  const name = model ?? modelType;
  return startServer({
    directory: folder,
    host,
    port,
    token,
    workers,
    logLevel,
    log: printLine,
    limits: limitsOf(options),
    studioDirectory: studioDirectory(),
    model: {
      ...(name && { name }),
      ...(checkpoint && { checkpoint }),
      ...(device && { device }),
      ...(threads && { threads }),
      ...(precision && { precision }),
    },
  });
}

function limitsOf({ maxUpload, maxMegapixels, embeddingCache }: ServeOptions): Partial<Limits> {
  return {
    maxUploadBytes: Math.round(maxUpload * MEBI),
    maxPixels: Math.round(maxMegapixels * 1e6),
    maxEmbeddingBytes: Math.round(embeddingCache * MEBI),
  };
}
