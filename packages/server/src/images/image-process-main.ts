/** Entry of a process that decodes images; see image-process.ts. */
import { messageOf, serve } from "@segany/runtime";
import { parentChannel } from "@segany/runtime/processes";
import { loadSharp } from "@segany/sam";
import { ServerError } from "../errors.js";
import type { ImageMethods, ImageProcessNotice, Limited } from "./image-messages.js";
import { inspect, render, writeCutOut } from "./image-tasks.js";

/** Decoders fill some hundred megabytes meanwhile at most. */
const WATCH_EVERY_MS = 20;
/** Until this process ends itself: its answer is on its way before. */
const LAST_WORDS_MS = 100;

const { notify } = serve<ImageMethods>(
  parentChannel(),
  { inspect: limited(inspect), render: limited(render), cutOut: limited(writeCutOut) },
  { errorOf: (thrown) => (thrown instanceof ServerError ? thrown : faultOf(thrown)) },
);

function limited<Task, Result>(
  work: (task: Task) => Promise<Result>,
): (task: Limited<Task>) => Promise<Result> {
  return async (task) => {
    try {
      (await loadSharp()).cache(false); // no image comes twice
      return await withinMemory(task.memoryLimitBytes, work(task));
    } finally {
      const notice: ImageProcessNotice = { memoryBytes: process.memoryUsage.rss() };
      notify(notice);
    }
  };
}

/** Decoders run on threads of their own, which nothing stops but the end of the process. */
async function withinMemory<Result>(limitBytes: number, work: Promise<Result>): Promise<Result> {
  let watch: NodeJS.Timeout | undefined;
  const tooMuch = new Promise<never>((_, reject) => {
    watch = setInterval(() => {
      if (process.memoryUsage.rss() <= limitBytes) return;
      clearInterval(watch);
      reject(takesTooMuch(limitBytes));
      setTimeout(() => process.kill(process.pid, "SIGKILL"), LAST_WORDS_MS);
    }, WATCH_EVERY_MS);
  });
  try {
    return await Promise.race([work, tooMuch]);
  } finally {
    clearInterval(watch);
  }
}

function takesTooMuch(limitBytes: number): ServerError {
  const mebibytes = Math.round(limitBytes / 2 ** 20);
  return new ServerError(
    "image-unreadable",
    `The image takes more than ${mebibytes} MiB to decode; save it anew with an image program.`,
  );
}

function faultOf(thrown: unknown): ServerError {
  return new ServerError("internal", `The image could not be read: ${messageOf(thrown)}`, { cause: thrown });
}
