import { cacheDirectory } from "@segany/runtime/files";
import { clearCachedGraphs, graphCacheDirectory, listCachedGraphs } from "@segany/sam";
import { Command } from "commander";
import { printJson, printLine } from "../terminal/print.js";

/** `segany cache`: lists and clears the graphs built from checkpoints. */
export function cacheCommand(): Command {
  const command = new Command("cache")
    .summary("show or clear the cache of built models")
    .description("Models are built from their checkpoint once and cached. SEGANY_CACHE sets another folder.");
  command
    .command("info")
    .description("show the folder, its size and the times of last use")
    .option("--json", "print JSON")
    .action(info);
  command
    .command("clear")
    .description("remove all built models, but no downloaded checkpoints")
    .action(clear);
  return command;
}

async function info({ json }: { readonly json?: boolean }): Promise<void> {
  const folder = graphCacheDirectory(cacheDirectory());
  const entries = await listCachedGraphs(folder);
  const bytes = entries.reduce((total, entry) => total + entry.bytes, 0);
  if (json) {
    printJson({
      folder,
      bytes,
      entries: entries.map((entry) => ({ ...entry, lastUsed: entry.lastUsed.toISOString() })),
    });
    return;
  }
  printLine(`${folder}: ${entries.length} built graphs, ${megabytes(bytes)}`);
  for (const entry of entries)
    printLine(
      `  ${entry.key.slice(0, 12)}  ${megabytes(entry.bytes).padStart(10)}  last used ${entry.lastUsed.toISOString().slice(0, 16).replace("T", " ")}${entry.isPacked ? ", packed copy" : ""}`,
    );
}

async function clear(): Promise<void> {
  const bytes = await clearCachedGraphs(graphCacheDirectory(cacheDirectory()));
  printLine(`Removed ${megabytes(bytes)}.`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
