import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  createPeople,
  type DataEngine,
  openDataEngine,
  type Person,
  type Project,
} from "@segany/data-engine";
import { DATA_FOLDER_MARKER, ENGINE_FILE } from "@segany/server";
import { type Command, Option } from "commander";
import { UsageError } from "../cli-error.js";

/** Options of all commands of the data engine. */
export interface EngineArguments {
  readonly data: string;
  readonly databaseUrl?: string;
  readonly as?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds the options that say where the data engine is. */
export function addEngineOptions(command: Command): Command {
  return command
    .option("--data <folder>", "data folder, as of segany serve", "segany-data")
    .addOption(
      new Option(
        "--database-url <url>",
        "PostgreSQL database (default: engine.sqlite in the data folder)",
      ).env("DATABASE_URL"),
    )
    .option("--json", "print one JSON object on standard output")
    .option("-q, --quiet", "print only errors, no progress");
}

/** Adds the option for commands that change something. */
export function addActorOption(command: Command): Command {
  return command.option("--as <name>", "account that the audit log names (default: the local person)");
}

/**
 * Opens the data engine of a data folder; it may be in use by a server.
 *
 * @throws UsageError for a folder that is none: nothing is written there
 */
async function openEngine({ data, databaseUrl }: EngineArguments): Promise<DataEngine> {
  if (databaseUrl !== undefined) return openDataEngine({ url: databaseUrl });
  if (!existsSync(join(data, DATA_FOLDER_MARKER)))
    throw new UsageError(
      `"${data}" is no data folder of segany. Make one with segany engine init PHOTOS, or name one with --data.`,
    );
  return openDataEngine({ file: join(resolve(data), ENGINE_FILE) });
}

/** Runs a command on the open data engine, and closes it. */
export async function withEngine<T>(
  options: EngineArguments,
  use: (engine: DataEngine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(options);
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

/** Id of the person who runs the command. @throws UsageError for an unknown name */
export async function actor(engine: DataEngine, { as }: EngineArguments): Promise<string> {
  const people = createPeople(engine.context);
  if (as === undefined) return (await people.local()).id;
  return findPerson(engine, as);
}

/** The same, with what the person may do. */
export async function getActor(engine: DataEngine, options: EngineArguments): Promise<Person> {
  return createPeople(engine.context).get(await actor(engine, options));
}

/** Looks names of people up by their ids, each once. */
export function createNames(engine: DataEngine): (id: string) => Promise<string> {
  const people = createPeople(engine.context);
  const names = new Map<string, Promise<string>>();
  return (id) => {
    const known = names.get(id) ?? people.get(id).then(({ name }) => name);
    names.set(id, known);
    return known;
  };
}

/** @throws UsageError for an unknown name */
export async function findPerson(engine: DataEngine, name: string): Promise<string> {
  const people = createPeople(engine.context);
  for (let after: string | undefined; ; ) {
    const page = await people.list({ after });
    const found = page.people.find((each) => each.name === name.toLowerCase());
    if (found) return found.id;
    if (page.after === null)
      throw new UsageError(`There is no account "${name}"; see segany engine users list.`);
    after = page.after;
  }
}

/**
 * The project that the command is about: by name or id, or the only one.
 *
 * @throws UsageError if there are several or none
 */
export async function findProject(engine: DataEngine, named: string | undefined): Promise<Project> {
  const projects = await engine.projects.list({ limit: 1000 });
  const fitting =
    named === undefined ? projects : projects.filter(({ id, name }) => id === named || name === named);
  if (fitting.length === 1) return fitting[0]!;
  const names = projects.map(({ name }) => `"${name}"`).join(", ") || "none";
  if (named === undefined && projects.length === 0)
    throw new UsageError("There is no project yet; make one with segany engine init PHOTOS.");
  if (fitting.length === 0) throw new UsageError(`There is no project "${named}". Projects: ${names}.`);
  throw new UsageError(`Say which project is meant, with --project: ${names}.`);
}
