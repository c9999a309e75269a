/** A folder in an object store, in parts, by runs that are killed and begun again. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openS3Folder, type S3Folder } from "@segany/cluster";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startS3rver } from "../../../scripts/testing/s3.mjs";
import { createWorkplace } from "./run-segany.js";

const IMAGES = ["Photo 1.png", "ph\u00f6to.png", "sub/three.png", "sub/four.png", "five.png"];
const PARTS = 2;

const workplace = createWorkplace();
let store: Awaited<ReturnType<typeof startS3rver>>;
let env: Record<string, string>;
let bucket: S3Folder;

beforeAll(async () => {
  store = await startS3rver();
  env = {
    AWS_ENDPOINT_URL_S3: store.endpoint,
    AWS_ACCESS_KEY_ID: store.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.credentials.secretAccessKey,
  };
  const { endpoint, credentials } = store;
  bucket = await openS3Folder(`s3://${store.bucket}`, { endpoint, credentials });
  for (const [i, name] of IMAGES.entries()) await addImage(`in/${name}`, 64 + i);
  await bucket.write("in/notes.txt", "no image");
});
afterAll(async () => {
  bucket?.close();
  await store?.stop();
});

async function addImage(name: string, width: number): Promise<void> {
  const path = join(workplace.path, "made.png");
  const of = (size: number, background: string) =>
    sharp({ create: { width: size, height: Math.min(size, 48), channels: 3, background } }).png();
  const square = { input: await of(20, "#fff").toBuffer(), left: 10, top: 10 };
  writeFileSync(path, await of(width, "#a63").composite([square]).toBuffer());
  await bucket.upload(name, path);
}

const args = (shard: string, output = "out") => [
  ...["segment", `s3://${store.bucket}/in`, "--output", `s3://${store.bucket}/${output}`, "--recursive"],
  ...["--shard", shard, "--points-per-side", "4", "--no-picture", "--json", "--quiet"],
];

async function names(beginning: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of bucket.list(beginning)) found.push(name);
  return found;
}

interface Line {
  readonly file: string;
  readonly masks: number;
  readonly skipped?: boolean;
}

async function segment(shard: string): Promise<Line[]> {
  const { status, stdout, stderr } = await workplace.runWith(env, ...args(shard));
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

it("segments its part of the images, and after a kill what is left of it", async () => {
  const killed = workplace.startWith(env, ...args(`1/${PARTS}`));
  const ended = once(killed, "close");
  onTestFinished(() => void killed.kill("SIGKILL"));
  await once(killed.stdout!, "data");
  killed.kill("SIGKILL");
  await ended;
  const had = (await names("out/")).filter((name) => !name.includes("/.segany/"));
  expect(had.length).toBeGreaterThan(0);

  const lines = [...(await segment(`1/${PARTS}`)), ...(await segment(`2/${PARTS}`))];
  const files = lines.map(({ file }) => file.slice(`s3://${store.bucket}/in/`.length));
  expect(files.sort()).toEqual([...IMAGES].sort());
  expect(lines.filter(({ skipped }) => skipped).length).toBeGreaterThan(0);
  const results = (await names("out/")).filter((name) => !name.includes("/.segany/"));
  expect(results).toHaveLength(IMAGES.length);
  const text = await bucket.read("out/sub/three.json");
  const { image, annotations } = JSON.parse(text!.toString());
  expect(image).toMatchObject({ width: 66, height: 48 });
  expect(annotations.length).toBeGreaterThan(0);

  await addImage("in/five.png", 100); // another image of that name
  const again = [...(await segment(`1/${PARTS}`)), ...(await segment(`2/${PARTS}`))];
  expect(again.filter(({ skipped }) => !skipped).map(({ file }) => file)).toEqual([
    expect.stringMatching(/five\.png$/),
  ]);
});

it("replaces no file of others, and tells what it needs", async () => {
  await bucket.write("foreign/five.json", "{}");
  const refused = await workplace.runWith(env, ...args("1/1", "foreign"));
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('"five.json" is in the output'),
  });
  expect((await bucket.read("foreign/five.json"))!.toString()).toBe("{}");
  expect(await names("foreign/sub/three.json")).toHaveLength(1);
  const local = await workplace.runWith(env, "segment", `s3://${store.bucket}/in`, "--output", "here");
  expect(local).toMatchObject({ status: 2, stderr: expect.stringContaining("--output s3://") });
  const empty = await workplace.runWith(env, ...args("1/1").with(1, `s3://${store.bucket}/none`));
  expect(empty).toMatchObject({ status: 2, stderr: expect.stringContaining("There is no image in s3://") });
});

it("writes one file of its part for a format that has one", async () => {
  const coco = [...args("1/5", "coco"), "--format", "coco"];
  expect(await workplace.runWith(env, ...coco)).toMatchObject({ status: 0, stderr: "" });
  const text = await bucket.read("coco/annotations-1-of-5.json");
  expect(JSON.parse(text!.toString()).images).toHaveLength(1);
});
