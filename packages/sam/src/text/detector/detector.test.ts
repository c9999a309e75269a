import type { RgbaImage } from "@segany/masks";
import { lazySession, type RunTensor } from "@segany/runtime";
import { beforeEach, describe, expect, it } from "vitest";
import { createDetector } from "./detector.js";

const image = (): RgbaImage => ({ width: 100, height: 50, data: new Uint8ClampedArray(4 * 5000) });
const BOXES = [
  [0, 0, 0.5, 0.5],
  [0, 0, 0.5, 0.52],
  [0.5, 0.5, 1, 1],
];

let runs = 0;
let fails = false;

/** A network that sees a car (3) that may be a truck (8), and a dog (18). */
function open() {
  const scores = new Float32Array(3 * 90);
  scores[0 * 90 + 3 - 1] = 0.8;
  scores[1 * 90 + 8 - 1] = 0.6;
  scores[2 * 90 + 18 - 1] = 0.4;
  return createDetector({
    source: "made up",
    checkpointSha256: "d".repeat(64),
    close: async () => {},
    session: lazySession(async () => ({
      inputNames: ["image"],
      outputNames: ["boxes", "scores"],
      async run(feeds: Readonly<Record<string, RunTensor>>) {
        runs++;
        expect(feeds.image!.shape).toEqual([1, 3, 300, 300]);
        if (fails) throw new Error("out of memory");
        const floats = (data: Float32Array, columns: number): RunTensor => ({
          dtype: "float32",
          shape: [3, columns],
          data,
        });
        return { boxes: floats(Float32Array.from(BOXES.flat()), 4), scores: floats(scores, 90) };
      },
      close: async () => {},
    })),
  });
}

beforeEach(() => {
  runs = 0;
  fails = false;
});

describe("the detector", () => {
  it("names what it found by the given words and by its own class", async () => {
    const { engine, objects } = await open().ground(image(), " The puppies ");
    expect(engine).toBe("detector");
    expect(objects).toEqual([
      { label: "The puppies", category: "dog", score: expect.closeTo(0.4, 5), boxXyxy: [50, 25, 100, 50] },
    ]);
  });

  it("finds an object once for words that mean several classes, and for each of several phrases", async () => {
    const detector = open();
    const one = await detector.ground(image(), "vehicle");
    expect(one.objects.map(({ category }) => category)).toEqual(["car"]);
    const both = await detector.ground(image(), ["truck", "dog", "vehicle"]);
    expect(both.objects.map(({ label, category }) => [label, category])).toEqual([
      ["vehicle", "car"],
      ["truck", "truck"],
      ["dog", "dog"],
    ]);
  });

  it("has an empty list for what is not there, or not probable enough", async () => {
    const detector = open();
    expect((await detector.ground(image(), "cat")).objects).toEqual([]);
    expect((await detector.ground(image(), "dog", { threshold: 0.5 })).objects).toEqual([]);
    expect((await detector.ground(image(), "dog", { threshold: 0.3 })).objects).toHaveLength(1);
  });

  it("looks at an image once, and again after a failure", async () => {
    const detector = open();
    const same = image();
    fails = true;
    await expect(detector.ground(same, "dog")).rejects.toThrow("out of memory");
    fails = false;
    await Promise.all([detector.ground(same, "dog"), detector.ground(same, "car")]);
    expect(runs).toBe(2);
    await detector.ground(image(), "dog");
    expect(runs).toBe(3);
  });

  it("refuses unknown words and bad settings before it looks", async () => {
    const detector = open();
    await expect(detector.ground(image(), "unicorn")).rejects.toMatchObject({ code: "text-unknown" });
    await expect(detector.ground(image(), ["dog", ""])).rejects.toMatchObject({ code: "prompt-invalid" });
    for (const threshold of [-0.1, 1.1, Number.NaN])
      await expect(detector.ground(image(), "dog", { threshold })).rejects.toMatchObject({
        code: "option-invalid",
      });
    await expect(
      detector.ground({ width: 0, height: 0, data: new Uint8ClampedArray() }, "dog"),
    ).rejects.toMatchObject({ code: "image-empty" });
    await expect(detector.ground(image(), "dog", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
    expect(runs).toBe(0);
    expect(detector.check(" dog ")).toBe("dog");
    expect(() => detector.check("unicorn")).toThrow(expect.objectContaining({ code: "text-unknown" }));
  });
});
