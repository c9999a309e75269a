import type { ProjectChange } from "@segany/data-engine";
import type { z } from "zod";
import type { projectRoutes } from "../../contract/engine/projects.js";
import type { EngineHandlers } from "../call.js";
import { defined } from "./defined.js";
import { toPage } from "./page.js";

/** Projects. */
export const projectHandlers: EngineHandlers<typeof projectRoutes> = {
  async listProjects({ parts: { projects }, caller: { person }, query }) {
    const member = person.administrator ? {} : { member: person.id };
    return toPage(await projects.list({ ...defined(query), ...member }), query);
  },
  createProject: ({ parts: { projects }, caller, body }) =>
    projects.create(caller.person.id, { ...changeOf(body), name: body.name }),
  getProject: ({ parts: { projects }, params }) => projects.get(params.project),
  updateProject: ({ parts: { projects }, caller, params, version, body }) =>
    projects.update(caller.person.id, params.project, version, changeOf(body)),
  async deleteProject({ parts: { projects }, caller, params }) {
    await projects.delete(caller.person.id, params.project);
  },
  restoreProject: ({ parts: { projects }, caller, params }) =>
    projects.restore(caller.person.id, params.project),
};

function changeOf({
  name,
  classes,
  settings,
}: z.output<typeof projectRoutes.updateProject.body>): ProjectChange {
  return defined({ name, classes, settings: settings && defined(settings) });
}
