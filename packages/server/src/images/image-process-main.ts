/** Entry point of a process that decodes images; see image-process.ts. */
import { messageOf, serve } from "@segany/runtime";
import { parentChannel } from "@segany/runtime/processes";
import { loadSharp } from "@segany/sam";
import { ServerError } from "../errors.js";
import type { ImageMethods, ImageProcessNotice, Limited } from "./image-messages.js";
import { inspect, render, writeCutOut } from "./image-tasks.js";

/** Between two checks a decoder can allocate a few hundred megabytes at most. */
const WATCH_EVERY_MS = 20;
/** Delay before the process ends itself, so that its reply is sent. */
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
      (await loadSharp()).cache(false); // no image is decoded twice
      return await withinMemory(task.memoryLimitBytes, work(task));
    } finally {
      const notice: ImageProcessNotice = { memoryBytes: process.memoryUsage.rss() };
      notify(notice);
    }
  };
}

/** Enforces the memory limit. Decoders run on their own threads, which only the end of the process stops. */
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
    `The image takes more than ${mebibytes} MiB to decode; save it again with an image editor.`,
  );
}

function faultOf(thrown: unknown): ServerError {
  return new ServerError("internal", `The image could not be read: ${messageOf(thrown)}`, { cause: thrown });
}
