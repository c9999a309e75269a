import type { UploadSlots } from "../http/upload-slots.js";
import type { Services } from "../services.js";
import type { AllEngineHandlers } from "./call.js";
import { accountHandlers } from "./handlers/accounts.js";
import { annotationHandlers } from "./handlers/annotations.js";
import { jobHandlers } from "./handlers/jobs.js";
import { statisticsHandlers, workItemHandlers } from "./handlers/machine.js";
import { memberHandlers } from "./handlers/members.js";
import { createModelHandlers } from "./handlers/models.js";
import { projectHandlers } from "./handlers/projects.js";
import { stageHandlers } from "./handlers/stages.js";
import { createTaskHandlers } from "./handlers/tasks.js";
import { createTransferHandlers } from "./handlers/transfers.js";
import { webhookHandlers } from "./handlers/webhooks.js";

/** What each route of the table does. */
export function createEngineHandlers(
  { images, blobs, limits, models }: Services,
  slots: UploadSlots,
): AllEngineHandlers {
  return {
    ...accountHandlers,
    ...memberHandlers,
    ...projectHandlers,
    ...createTaskHandlers(images),
    ...jobHandlers,
    ...annotationHandlers,
    ...statisticsHandlers,
    ...workItemHandlers,
    ...createTransferHandlers({ blobs, limits }, slots),
    ...createModelHandlers(blobs.get, models),
    ...stageHandlers,
    ...webhookHandlers,
  };
}
