import { once } from "node:events";
import { samModelRegistry } from "@segany/sam";
import {
  DEFAULT_LIMITS,
  type Limits,
  type RunningServer,
  startServer,
  studioDirectory,
} from "@segany/server";
import { Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { addBlobsOption, addRedisOption, type ClusterOptions, openCluster } from "../cluster-options.js";
import { openFreeFolder } from "../free-folder.js";
import { interruption, setGrace, stoppedCleanly } from "../interruption.js";
import { addModelOptions, type ModelOptions, selectedModel } from "../model-options.js";
import { parseNumber, parseWithin } from "../numbers.js";
import { selectedTextModel, type TextOptions } from "../open-grounder.js";
import { importImages } from "../serve/import-images.js";
import { openServer } from "../serve/open-server.js";
import { printLine, printNote } from "../terminal/print.js";
import { addTextModel } from "../text-options.js";

/** Time that pending requests get after Ctrl-C. */
const STOP_GRACE_MS = 30_000;

const MEBI = 2 ** 20;
const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "silent"] as const;

const EXAMPLES = `
Examples:
  segany serve                                 stores images and masks in ./segany-data
  segany serve work --import photos            copies the images of ./photos into the data folder ./work
  segany serve work --port 9000
  segany serve --checkpoint sam_vit_b_01ec64.pth --precision int8
  segany serve --text-model owlv2_base         finds objects by any words, after models download owlv2_base
  segany serve --host 0.0.0.0                  accepts other machines; prints a URL with a token
  segany serve --proxy-header X-Forwarded-User  people are signed in by a proxy on this machine
  segany serve --database-url postgres://db/segany --blobs s3://bucket/segany   one of several servers

The page is the studio. The same address is an HTTP API: see /openapi.json and docs/server.md.`;

interface ServeOptions extends ModelOptions, ClusterOptions, Omit<TextOptions, "textThreshold"> {
  readonly import?: string;
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly workers: number;
  readonly maxUpload: number;
  readonly maxMegapixels: number;
  readonly embeddingCache: number;
  readonly proxyHeader?: string;
  readonly proxyAddress: readonly string[];
  readonly privateWebhooks?: boolean;
  readonly labelStudio?: string;
  readonly labelStudioToken?: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** `segany serve`: the studio in the browser, and the model over HTTP. */
export function serveCommand(): Command {
  const command = new Command("serve")
    .summary("serve the studio for browsers, and an HTTP API")
    .description("Serves the studio, a page to click objects and cut them out, and the model over HTTP.")
    .argument(
      "[folder]",
      "data folder: new, empty, or created by the server; any other is refused",
      "segany-data",
    )
    .option("--import <folder>", "copy the images of a folder and its sub-folders into the data folder")
    .option("-p, --port <n>", "port; 0 selects a free one", parseWithin(0, 65_535), 8765)
    .option(
      "--host <address>",
      "address to listen on; any but a loopback address requires a token",
      "127.0.0.1",
    )
    .option("--token <text>", "token that clients must send (generated if required and not given)")
    .option(
      "--workers <n>",
      "processes, each with its own model; with 2 or more, one is reserved for clicks",
      parseWithin(1, 64),
      2,
    )
    .addOption(
      new Option(
        "--database-url <url>",
        "PostgreSQL database of the data engine, instead of a file in the folder",
      ).env("DATABASE_URL"),
    )
    .option("--proxy-header <name>", "header in which a proxy that signs people in names them")
    .option(
      "--proxy-address <address...>",
      "addresses of that proxy; the header is not looked at in requests from others",
      ["127.0.0.1", "::1"],
    )
    .option(
      "--label-studio <url>",
      "address of a Label Studio that uses this server: its images are fetched, with the token in LABEL_STUDIO_API_KEY",
      parseUrl,
    )
    .addOption(
      new Option("--label-studio-token <token>", "access token of one of its users")
        .env("LABEL_STUDIO_API_KEY")
        .hideHelp(),
    )
    .option("--private-webhooks", "allow webhooks in private networks and on this machine")
    .addOption(
      new Option("--log-level <level>", "least severe messages to log").choices(LOG_LEVELS).default("warn"),
    )
    .action(run);
  addLimits(command);
  return addModelOptions(addTextModel(addBlobsOption(addRedisOption(command)))).addHelpText(
    "after",
    EXAMPLES,
  );
}

async function run(folder: string, options: ServeOptions): Promise<void> {
  const name = options.model ?? options.modelType;
  if (name !== undefined && !samModelRegistry.has(name)) {
    throw new UsageError(
      `--model ${name}: unknown; known models are ${[...samModelRegistry.keys()].join(", ")}.`,
    );
  }
  setGrace(STOP_GRACE_MS);
  if (!options.quiet) printNote(`Opening ${options.model ?? options.checkpoint ?? "mobile_sam"} …`);
  const startOn = (path: string) => start(path, options);
  const { server, imports } = await openServer(
    // With a shared store the folder has copies alone.
    options.blobs === undefined ? startOn : (path) => openFreeFolder(path, startOn),
    folder,
    options.import,
  );
  if (!options.quiet) printNote("Press Ctrl-C to stop.");
  printLine(`Segany (${server.modelName}) is at ${server.url}`);
  if (imports.length > 0) await importImages(server, imports, { quiet: options.quiet, signal: interruption });
  if (!interruption.aborted) await once(interruption, "abort");
  await server.close();
  stoppedCleanly();
}

function parseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  throw new InvalidArgumentError("It must be an address such as http://127.0.0.1:8080.");
}

async function start(folder: string, options: ServeOptions): Promise<RunningServer> {
  const { host, port, token, workers, logLevel, databaseUrl, proxyHeader, proxyAddress } = options;
  if (options.redisUrl !== undefined && options.blobs === undefined)
    throw new UsageError("--redis-url is for work that machines share: give --blobs too, or leave it out.");
  const limits = limitsOf(options);
  return startServer({
    directory: folder,
    cluster: await openCluster(options, limits.maxEmbeddingBytes),
    host,
    port,
    token,
    workers,
    logLevel,
    log: printLine,
    databaseUrl,
    privateWebhooks: options.privateWebhooks,
    ...(options.labelStudio !== undefined && {
      labelStudio: { url: options.labelStudio, token: options.labelStudioToken },
    }),
    ...(proxyHeader !== undefined && {
      trustedProxy: { header: proxyHeader.toLowerCase(), addresses: proxyAddress },
    }),
    limits,
    studioDirectory: studioDirectory(),
    model: { ...selectedModel(options), text: await selectedTextModel(options) },
  });
}

function addLimits(command: Command): void {
  command
    .option("--max-upload <MiB>", "largest image file", parseNumber, DEFAULT_LIMITS.maxUploadBytes / MEBI)
    .option("--max-megapixels <n>", "largest image", parseNumber, DEFAULT_LIMITS.maxPixels / 1e6)
    .option(
      "--embedding-cache <MiB>",
      "size of the embedding cache on disk, or with --blobs of the copies of files",
      parseNumber,
      DEFAULT_LIMITS.maxEmbeddingBytes / MEBI,
    );
}

function limitsOf({ maxUpload, maxMegapixels, embeddingCache }: ServeOptions): Partial<Limits> {
  return {
    maxUploadBytes: Math.round(maxUpload * MEBI),
    maxPixels: Math.round(maxMegapixels * 1e6),
    maxEmbeddingBytes: Math.round(embeddingCache * MEBI),
  };
}
