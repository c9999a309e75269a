import { type AuditLogEntry, createAuditLog } from "@segany/data-engine";
import { Command } from "commander";
import { printJson, printLine } from "../terminal/print.js";
import {
  addEngineOptions,
  createNames,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";

interface AuditArguments extends EngineArguments {
  readonly project?: string;
}

/** Entries that are read at once. */
const PAGE = 1000;

/** `segany engine audit-log` */
export function auditLogCommand(): Command {
  const command = new Command("audit-log")
    .summary("show who changed what")
    .description("Shows all entries of the audit log, first to last; with --json one object a line.")
    .option("--project <name>", "only entries of this project")
    .action(async (options: AuditArguments) => {
      await withEngine(options, async (engine) => {
        const log = createAuditLog(engine.context);
        const nameOf = createNames(engine);
        const project =
          options.project === undefined ? undefined : (await findProject(engine, options.project)).id;
        for (let after: number | null = 0; after !== null; ) {
          const page = await log.read({ project, after, limit: PAGE });
          for (const entry of page.items) {
            if (options.json) printJson(entry);
            else printLine(lineOf(entry, entry.person === null ? "machine" : await nameOf(entry.person)));
          }
          after = page.after;
        }
      });
    });
  return addEngineOptions(command);
}

function lineOf({ at, event, object, details }: AuditLogEntry, name: string): string {
  const more = Object.keys(details).length === 0 ? "" : ` ${JSON.stringify(details)}`;
  return `${new Date(at).toISOString()} ${name} ${event} ${object}${more}`;
}
