import { createMembers, createPeople, ROLES, type Role } from "@segany/data-engine";
import { Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { readInput, STANDARD_INPUT } from "../read-input.js";
import { printJson, printLine } from "../terminal/print.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findPerson,
  findProject,
  getActor,
  withEngine,
} from "./open-engine.js";

/** `segany engine users` */
export function usersCommand(): Command {
  return new Command("users")
    .summary("add and list people")
    .description("Adds and lists people. The first account ends the use without login.")
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(roleCommand())
    .addCommand(disableCommand());
}

function listCommand(): Command {
  const command = new Command("list")
    .description("Lists accounts.")
    .action(async (options: EngineArguments) => {
      await withEngine(options, async (engine) => {
        const { people } = await createPeople(engine.context).list({ limit: 10_000 });
        if (options.json) printJson({ people });
        else
          for (const { name, administrator, disabledAt } of people)
            printLine(
              [name, administrator && "administrator", disabledAt !== null && "disabled"]
                .filter(Boolean)
                .join(" "),
            );
      });
    });
  return addEngineOptions(command);
}

const MAX_PASSWORD_BYTES = 10_000;

interface AddArguments extends EngineArguments {
  readonly administrator?: boolean;
}

function addCommand(): Command {
  const command = new Command("add")
    .description("Adds an account; its password is read from standard input, one line.")
    .argument("<name>", "letters, digits, dots and hyphens")
    .option("--administrator", "may create projects and manage people")
    .action(async (name: string, options: AddArguments) => {
      const password = (await readInput(STANDARD_INPUT, MAX_PASSWORD_BYTES))
        .toString("utf8")
        .replace(/\r?\n$/, "");
      if (password === "") throw new UsageError("Give the password on standard input.");
      await withEngine(options, async (engine) => {
        const people = createPeople(engine.context);
        const by = (await people.any()) ? await actor(engine, options) : null;
        const administrator = options.administrator === true;
        const person = await people.add({ name, password, administrator }, by);
        if (options.json) printJson({ id: person.id, name: person.name });
        else printLine(`Added the account "${person.name}".`);
      });
    });
  return addActorOption(addEngineOptions(command)).addHelpText(
    "after",
    "\nExample:\n  segany engine users add olga --administrator < password.txt",
  );
}

interface RoleArguments extends EngineArguments {
  readonly project?: string;
}

function roleCommand(): Command {
  const command = new Command("role")
    .description("Gives an account a role in a project.")
    .argument("<name>", "account")
    .addArgument(new Command().createArgument("<role>").choices([...ROLES]))
    .option("--project <name>", "project (default: the only one)")
    .action(async (name: string, role: Role, options: RoleArguments) => {
      await withEngine(options, async (engine) => {
        const project = await findProject(engine, options.project);
        const person = await findPerson(engine, name);
        const by = await getActor(engine, options);
        await createMembers(engine.context).set(by, project.id, person, role);
        if (options.json) printJson({ project: project.id, person, role });
        else printLine(`"${name}" is ${role} of "${project.name}".`);
      });
    });
  return addActorOption(addEngineOptions(command));
}

interface DisableArguments extends EngineArguments {
  readonly enable?: boolean;
}

function disableCommand(): Command {
  const command = new Command("disable")
    .description("Disables an account: its sessions end, and its tokens don't work.")
    .argument("<name>", "account")
    .addOption(new Option("--enable", "enable it again"))
    .action(async (name: string, options: DisableArguments) => {
      await withEngine(options, async (engine) => {
        const disabled = options.enable !== true;
        const person = await findPerson(engine, name);
        await createPeople(engine.context).update(person, { disabled }, await actor(engine, options));
        if (options.json) printJson({ id: person, disabled });
        else printLine(`"${name}" is ${disabled ? "disabled" : "enabled"}.`);
      });
    });
  return addActorOption(addEngineOptions(command));
}
