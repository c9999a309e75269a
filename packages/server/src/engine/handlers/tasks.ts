import type { TaskImage } from "@segany/data-engine";
import type { taskRoutes } from "../../contract/engine/projects.js";
import type { EngineParts } from "../../database/open-engine.js";
import { ServerError } from "../../errors.js";
import type { ImageStore } from "../../images/image-store.js";
import type { EngineHandlers } from "../call.js";
import type { Caller } from "../identify.js";
import { defined } from "./defined.js";
import { toPage } from "./page.js";

/** Tasks, of images in the store. */
export function createTaskHandlers(images: ImageStore): EngineHandlers<typeof taskRoutes> {
  return {
    async listTasks({ parts: { tasks }, params, query }) {
      return toPage(await tasks.list(params.project, defined(query)), query);
    },
    async createTask({ parts, caller, params, body }) {
      const { name, imagesPerJob, jobs, replicas, purpose } = body;
      return parts.tasks.create(caller.person.id, {
        ...defined({ imagesPerJob, jobs, replicas, purpose }),
        ...{ project: params.project, name, images: await findImages(images, parts, caller, body.images) },
      });
    },
    getTask: ({ parts: { tasks }, params }) => tasks.get(params.task),
    listTaskImages: ({ parts: { tasks }, params }) => tasks.images(params.task),
    async deleteTask({ parts: { tasks }, caller, params }) {
      await tasks.delete(caller.person.id, params.task);
    },
    async restoreTask({ parts: { tasks }, caller, params }) {
      await tasks.restore(caller.person.id, params.task);
    },
    async addGroundTruth({ parts: { tasks }, caller, params, body }) {
      return { job: await tasks.addGroundTruth(caller.person.id, params.task, body.images) };
    },
    distributeTask: ({ parts: { jobs }, caller, params, body }) =>
      jobs.distribute(caller.person.id, params.task, body.shares),
  };
}

/**
 * The stored images of a new task. Those of projects that the person is not in don't exist for the person:
 * else a hash would be enough to see an image.
 *
 * @throws ServerError `not-found`
 */
async function findImages(
  images: ImageStore,
  { access }: EngineParts,
  { person }: Caller,
  ids: readonly string[],
): Promise<readonly TaskImage[]> {
  const visible = await access.visibleImages(person, ids);
  const found: TaskImage[] = [];
  for (const id of ids) {
    const image = visible.has(id) ? await images.find(id) : undefined;
    if (!image)
      throw new ServerError("not-found", `There is no image ${id}, or not for you; upload it first.`);
    found.push({ id, name: image.name, width: image.width, height: image.height });
  }
  return found;
}
