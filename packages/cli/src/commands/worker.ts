import { once } from "node:events";
import { DEFAULT_LIMITS, startWorker } from "@segany/server";
import { Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { addBlobsOption, addRedisOption, type ClusterOptions, openCluster } from "../cluster-options.js";
import { openFreeFolder } from "../free-folder.js";
import { interruption, setGrace, stoppedCleanly } from "../interruption.js";
import { addModelOptions, type ModelOptions, selectedModel } from "../model-options.js";
import { parseNumber, parseWithin } from "../numbers.js";
import { printLine, printNote } from "../terminal/print.js";

/** Time beside that of running work, to hand back what has not ended. */
const STOP_GRACE_MS = 10_000;

const MEBI = 2 ** 20;

const EXAMPLES = `
Examples:
  segany worker --database-url postgres://db/segany --redis-url redis://cache --blobs s3://bucket/segany
  segany worker --concurrency 4 --threads 2    (with DATABASE_URL, REDIS_URL and --blobs as above)
  segany worker --only embed-task --port 9465

On SIGTERM it takes no more work and gives what runs --drain seconds. docs/operations.md is the guide.`;

interface WorkerArguments extends ModelOptions, ClusterOptions {
  readonly concurrency: number;
  readonly only?: readonly string[];
  readonly drain: number;
  readonly host: string;
  readonly port: number;
  readonly copies: number;
}

/** `segany worker`: takes work of the machine, as others do on other machines. */
export function workerCommand(): Command {
  const command = new Command("worker")
    .summary("take work, such as embeddings, beside other machines")
    .description(
      "Takes the data engine's work from a PostgreSQL database. Any number of workers may run, on any machines.",
    )
    .argument(
      "[folder]",
      "folder for copies of files; if others use it, one with a number is made beside it",
      "segany-worker",
    )
    .addOption(
      new Option("--database-url <url>", "PostgreSQL database of the data engine").env("DATABASE_URL"),
    );
  addBlobsOption(addRedisOption(command))
    .option(
      "--concurrency <n>",
      "items at the same time, each with a model in a process of its own",
      parseWithin(1, 64),
      1,
    )
    .option("--only <kind...>", "kinds of work to take (default: all)")
    .option("--drain <seconds>", "time that running work has after SIGTERM", parseWithin(0, 3600), 25)
    .option("--host <address>", "address of /health, /ready and /metrics", "127.0.0.1")
    .option("-p, --port <n>", "port of these; 0 selects a free one", parseWithin(0, 65_535), 9464)
    .option(
      "--copies <MiB>",
      "size of the copies of files on this machine",
      parseNumber,
      DEFAULT_LIMITS.maxEmbeddingBytes / MEBI,
    )
    .action(run);
  return addModelOptions(command).addHelpText("after", EXAMPLES);
}

async function run(folder: string, options: WorkerArguments): Promise<void> {
  const { databaseUrl, concurrency, only, drain, host, port, quiet } = options;
  if (databaseUrl === undefined)
    throw new UsageError("A worker needs a database: give --database-url, or set DATABASE_URL.");
  const cluster = await openCluster(options, Math.round(options.copies * MEBI));
  if (!cluster)
    throw new UsageError("A worker needs the files of its work: give --blobs s3://bucket/prefix.");
  setGrace(drain * 1000 + STOP_GRACE_MS);
  if (!quiet) printNote(`Opening ${options.model ?? options.checkpoint ?? "mobile_sam"} …`);
  const worker = await openFreeFolder(folder, (directory) =>
    startWorker({
      ...{ directory, databaseUrl, cluster, concurrency, only, drainMs: drain * 1000, host, port },
      model: selectedModel(options),
      onReport: printNote,
    }),
  );
  if (!quiet) printNote("Press Ctrl-C to stop.");
  printLine(
    `Worker ${worker.name} (${worker.modelName}) takes ${worker.kinds.join(", ")}; its metrics are at ${worker.url}metrics`,
  );
  if (!interruption.aborted) await once(interruption, "abort");
  await worker.close();
  stoppedCleanly();
}
