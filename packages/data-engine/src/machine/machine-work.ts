import { findFormat } from "@segany/dataset";
import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { checkName } from "../projects/project.js";
import { getProject } from "../projects/projects.js";
import { getTask } from "../work/tasks.js";
import { insertWork } from "../work-items/submit.js";
import { type NewWork, toWorkItem, type WorkItem } from "../work-items/work-item.js";
import { EXPORT, type ExportWork } from "./export-work.js";
import { IMPORT, type ImportWork } from "./import-work.js";
import { SEGMENT, type SegmentWork } from "./segment-work.js";

/** Begins work of the machine that people ask for. A worker does it; `WorkQueue` tells how far it is. */
export interface MachineWork {
  /**
   * Everything mode over the images of a task that are still to be labelled.
   *
   * @throws DataEngineError `not-found`; `invalid` for a class that the project does not have
   */
  segment(person: string, work: SegmentWork): Promise<WorkItem>;
  /**
   * Writes masks as a data set.
   *
   * @throws DataEngineError `not-found`; `invalid` for a format that is not written
   */
  export(person: string, work: ExportWork): Promise<WorkItem>;
  /**
   * Makes a task of an uploaded data set.
   *
   * @param id of the work item, which names the file; made by `newId`
   * @throws DataEngineError `not-found`, `invalid`
   */
  import(work: ImportWork, id?: string): Promise<WorkItem>;
}

/** An item may take hours, and each time its worker is killed an attempt ends; it goes on where it was. */
const MAX_ATTEMPTS = 30;

export function createMachineWork({ db, now }: Context): MachineWork {
  const begin = async (trx: Db, person: string, work: NewWork & { readonly project: string }) => {
    const [row] = await insertWork(trx, now(), [{ maxAttempts: MAX_ATTEMPTS, ...work }]);
    await audit(trx, now(), {
      ...{ person, event: `create:${work.kind}`, project: work.project, object: row!.id },
    });
    return toWorkItem(row!);
  };
  return {
    segment: (person, work) =>
      db.transaction().execute(async (trx) => {
        const { project } = await getTask(trx, work.task);
        const { classes } = await getProject(trx, project);
        if (work.className !== null && !classes.some(({ name }) => name === work.className))
          throw new DataEngineError("invalid", `The project has no class "${work.className.slice(0, 100)}".`);
        return begin(trx, person, { kind: SEGMENT, project, payload: work });
      }),
    export: (person, work) =>
      db.transaction().execute(async (trx) => {
        await getProject(trx, work.project);
        checkFormat(work.format);
        return begin(trx, person, { kind: EXPORT, project: work.project, payload: work });
      }),
    import: (work, id) =>
      db.transaction().execute(async (trx) => {
        await getProject(trx, work.project);
        checkName(work.task, "The task");
        return begin(trx, work.person, {
          ...{ kind: IMPORT, project: work.project, payload: work },
          ...(id !== undefined && { id }),
        });
      }),
  };
}

function checkFormat(name: string): void {
  try {
    findFormat(name);
  } catch (error) {
    throw new DataEngineError("invalid", (error as Error).message, { cause: error });
  }
}
