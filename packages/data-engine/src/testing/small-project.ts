/** For tests: a project of small images with a bright square each, which is labelled, and a small model. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeRle, interiorPoint, type Mask } from "@segany/masks";
import { readImage } from "@segany/sam";
import { saveFreshSam } from "@segany/training";
import { SMALL_SAM, smallImages } from "../../../training/src/testing/small-sam.js";
import type { DataEngine } from "../open-data-engine.js";
import { createPeople } from "../people/people.js";
import type { TaskImage } from "../work/tasks.js";

/** A mask of the bright square. */
export async function squareOf(file: Uint8Array): Promise<Mask> {
  const { width, height, data } = await readImage(file);
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => +(data[4 * i] === 230)),
  };
}

/** Saves the small model. */
export const saveSmallModel = (path: string) => saveFreshSam({ path, architecture: SMALL_SAM });

/** Reads an image that {@link addSmallProject} stored. */
export const readSmallImage = (folder: string) => (id: string) =>
  readFile(join(folder, "images", id, "file"));

/**
 * Stores images in a data folder, and makes a project of them.
 *
 * @param labelled images, from the first on, that are accepted with the mask of their square, made by a click
 */
export async function addSmallProject(engine: DataEngine, folder: string, images: number, labelled = images) {
  const checkpoint = join(folder, "small.safetensors");
  await mkdir(folder, { recursive: true });
  await saveSmallModel(checkpoint);
  const files = await Promise.all(smallImages(images).map(({ open }) => open()));
  const added: TaskImage[] = [];
  for (const [i, file] of files.entries()) {
    const id = createHash("sha256").update(file).digest("hex");
    await mkdir(join(folder, "images", id), { recursive: true });
    await writeFile(join(folder, "images", id, "file"), file);
    added.push({ id, name: `${String(i).padStart(4, "0")}.png`, width: 64, height: 64 });
  }
  const { id: person } = await createPeople(engine.context).add({ name: "anna" }, null);
  const settings = { review: false };
  const { id: project } = await engine.projects.create(person, { name: "squares", settings });
  await engine.tasks.create(person, { project, name: "all", images: added, imagesPerJob: 1 });
  for (let i = 0; i < labelled; i++) {
    const lock = (await engine.queue.next(person, project))!;
    const mask = await squareOf(await readSmallImage(folder)(lock.image));
    const click = { at: 1, kind: "click", point: interiorPoint(mask)!, label: 1 };
    const ids = { change: randomUUID(), annotation: randomUUID(), base: 0 };
    const provenance = { source: "manual" as const, events: [click] };
    await engine.annotations.save(lock, [{ ...ids, kind: "put", mask: encodeRle(mask), provenance }]);
    await engine.locks.done(lock);
    await engine.transitions.complete(person, lock.job);
  }
  return { person, project, images: added, checkpoint };
}
