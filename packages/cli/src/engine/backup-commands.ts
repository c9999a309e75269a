import { open } from "node:fs/promises";
import { createBackup, restoreBackup } from "@segany/data-engine";
import { createAtomicFile } from "@segany/runtime/files";
import { openImageLibrary } from "@segany/server";
import { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { printJson, printLine } from "../terminal/print.js";
import { addEngineOptions, type EngineArguments, withEngine } from "./open-engine.js";

/** `segany engine backup` */
export function backupCommand(): Command {
  const command = new Command("backup")
    .summary("write the whole database to one file")
    .description(
      "Writes projects, people, masks and their history to one file. It can be restored into SQLite and into PostgreSQL. A server may run meanwhile. Files of images are not in it: copy the data folder for these.",
    )
    .argument("<file>", "output file (.jsonl.gz)")
    .action(async (path: string, options: EngineArguments) => {
      await withEngine(options, async (engine) => {
        const file = await createAtomicFile(path);
        try {
          for await (const bytes of createBackup(engine.context))
            await file.append(bytes, { signal: interruption });
          await file.finish();
        } catch (error) {
          await file.discard();
          throw error;
        }
        if (options.json) printJson({ file: path });
        else printLine(`Wrote ${path}.`);
      });
    });
  return addEngineOptions(command);
}

/** `segany engine restore` */
export function restoreCommand(): Command {
  const command = new Command("restore")
    .summary("fill an empty database from a backup")
    .description("Fills an empty database from a backup: all of it or nothing.")
    .argument("<file>", "file of segany engine backup")
    .action(async (path: string, options: EngineArguments) => {
      const file = await openFile(path);
      const library = options.databaseUrl === undefined ? await openImageLibrary(options.data) : undefined;
      await library?.close(); // a new data folder was made if there was none
      await withEngine(options, async (engine) => {
        const { counts, sha256 } = await restoreBackup(engine.context, file);
        if (options.json) printJson({ counts, sha256 });
        else for (const [table, count] of Object.entries(counts)) printLine(`${table}: ${count}`);
      });
    });
  return addEngineOptions(command);
}

/** @throws UsageError if the file can't be opened */
async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return (await open(path)).createReadStream({ signal: interruption });
  } catch (error) {
    throw new UsageError(`The backup "${path}" can't be read: ${(error as Error).message}.`);
  }
}
