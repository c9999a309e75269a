import { expect, test } from "vitest";
import { openApp } from "../testing/open-app.js";

/** Keeps and reads masks of an image of 6 x 5 pixels. */
async function openMasks() {
  const { app, image } = await openApp();
  const headers = { host: "localhost" };
  const url = `/v1/images/${image.id}/masks`;
  return {
    put: (payload: object) => app.inject({ method: "PUT", url, headers, payload }),
    get: () => app.inject({ url, headers }),
  };
}

const image = { image_id: 1, width: 6, height: 5, file_name: "a.png" };
const mask = (height: number, width: number) => ({
  id: 1,
  segmentation: { size: [height, width], counts: "n0" }, // 30 pixels, none inside
});

test("masks of the image's size are kept as they were sent", async () => {
  const { put, get } = await openMasks();
  expect((await get()).statusCode).toBe(204);
  const masks = { image, annotations: [{ ...mask(5, 6), label: "pear" }] };
  expect((await put(masks)).statusCode).toBe(204);
  expect((await get()).json()).toEqual(masks);
});

test.each([
  ["an image of another width", { ...image, width: 7 }, mask(5, 6)],
  ["an image of another height", { ...image, height: 6 }, mask(5, 6)],
  ["a mask that is wider", image, mask(5, 7)],
  ["a mask that is higher", image, mask(6, 6)],
  ["a mask on its side", image, mask(6, 5)],
  ["a mask of as many pixels", image, mask(3, 10)],
])("masks are refused for %s, and those from before stay", async (_, about, annotation) => {
  const { put, get } = await openMasks();
  const before = { image, annotations: [mask(5, 6)] };
  await put(before);
  const answer = await put({ image: about, annotations: [mask(5, 6), annotation] });
  expect([answer.statusCode, answer.json().code]).toEqual([422, "mask-invalid"]);
  expect((await get()).json()).toEqual(before);
});
