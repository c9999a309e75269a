import { maskToRuns } from "@segany/masks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ImageStore } from "../images/image-store.js";
import type { ImageSource, OpenImage, OpenOptions, Segmenter } from "../segmentation/types.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { measureShape } from "../state/mask-shape.js";
import type { GalleryImage } from "../state/types.js";
import { newWork } from "../state/work.js";
import { PUBLISHED_MODEL } from "../testing/model-frame.js";
import { watchImages } from "./image-loader.js";

const image = (id: string): GalleryImage => ({
  id,
  name: id,
  width: 1024,
  height: 64,
  thumbnailUrl: "",
  loading: { phase: "waiting" },
  history: startHistory(EMPTY_DOCUMENT),
});

const images = {
  sourceOf: (id: string) => ({ kind: "stored", id }),
} as unknown as ImageStore;

/** An object of 400 pixels and a speck of 16. */
function speckled() {
  const data = new Uint8Array(1024 * 64);
  for (let y = 0; y < 20; y++) data.fill(1, y * 1024, y * 1024 + 20);
  for (let y = 40; y < 44; y++) data.fill(1, y * 1024 + 500, y * 1024 + 504);
  const segmentation = maskToRuns({ width: 1024, height: 64, data });
  const lowResLogits = new Float32Array(1);
  return { ...measureShape(segmentation), predictedIou: 0.9, lowResLogits };
}

it("gives masks without specks to everyone who asks, be it for an outline or for the draft", async () => {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const segmenter: Segmenter = {
    mode: "browser",
    open: async () => ({
      width: 1024,
      height: 64,
      model: PUBLISHED_MODEL,
      predict: async () => [speckled()],
      everything: () => Promise.reject(new Error("not asked for here")),
    }),
    close: async () => undefined,
  };
  const loader = watchImages(store, images, () => segmenter);
  store.set(() => ({ modes: ["browser"], images: [image("a")], openImageId: "a" }));
  await expect.poll(() => loader.of("a")).not.toBeNull();
  const [mask] = await loader.of("a")!.predict({}, { multimask: false });
  expect(mask).toMatchObject({ areaPx: 400, boxXywh: [0, 0, 20, 20] });
});

describe("another version of the project's model", () => {
  const version = (number: number) => ({ id: `v${number}`, number });

  /** An open image, answered by version 1; images open when the test says so. */
  async function setUp() {
    const store = createStudioStore(DEFAULT_PREFERENCES);
    const opening: { version: string | null; end: (error?: Error) => void }[] = [];
    const closed: (string | null)[] = [];
    const loader = watchImages(store, images, (mode, onModel, id) => {
      onModel({ state: "ready", name: "sam", hash: `${id}`, note: null });
      return {
        mode,
        open: (_source, { signal }) =>
          new Promise((resolve, reject) => {
            signal.addEventListener("abort", () => reject(new DOMException("Stopped.", "AbortError")));
            const size = { width: 1024, height: 64 };
            const predict = async () => [{ ...speckled(), predictedIou: Number(id?.slice(1)) / 10 }];
            const everything = () => Promise.reject(new Error("not asked for here"));
            const end = (error?: Error) =>
              error ? reject(error) : resolve({ ...size, model: PUBLISHED_MODEL, predict, everything });
            opening.push({ version: id, end });
          }),
        close: async () => void closed.push(id),
      };
    });
    const setVersion = (number: number | null) =>
      store.set(() => ({ work: { ...newWork("label"), version: number === null ? null : version(number) } }));
    const iou = async () => (await loader.of("a")!.predict({}, { multimask: false }))[0]!.predictedIou;
    store.set(() => ({ work: newWork("label"), modes: ["server-encodes"] }));
    store.set(() => ({ images: [image("a"), image("b")], openImageId: "a" }));
    expect(opening).toEqual([]); // nothing is loaded before the version is known
    setVersion(1);
    opening[0]!.end();
    await expect.poll(() => loader.of("a")).not.toBeNull();
    return { store, loader, opening, closed, setVersion, iou };
  }

  it("takes over when the open image is ready with it; the image can be asked all the time", async () => {
    const { store, loader, opening, closed, setVersion, iou } = await setUp();
    expect(store.getState().model).toMatchObject({ hash: "v1", version: 1 });
    const { history, loading } = store.getState().images[0]!;
    setVersion(2);
    expect(await iou()).toBe(0.1);
    expect(store.getState().model).toMatchObject({ version: 1 });
    opening[1]!.end();
    await expect.poll(iou).toBe(0.2);
    expect(store.getState().model).toMatchObject({ hash: "v2", version: 2 });
    expect(store.getState().images[0]).toMatchObject({ history, loading });
    expect([closed, opening.length]).toEqual([["v1"], 2]);
    expect(store.getState().notices.at(-1)!.text).toContain("Version 2");
    store.set(() => ({ openImageId: "b" }));
    expect(opening.at(-1)!.version).toBe("v2");
    loader.close();
  });

  it("waits for the answer under way and for what everything mode found, which are of the one before", async () => {
    const { store, opening, setVersion, iou } = await setUp();
    store.set(() => ({ predicting: true, everything: { state: "asking", text: "dog" } }));
    setVersion(2);
    opening[1]!.end();
    await Promise.resolve();
    expect(await iou()).toBe(0.1);
    store.set(() => ({ predicting: false }));
    expect(await iou()).toBe(0.1);
    store.set(() => ({ everything: { state: "idle" } }));
    await expect.poll(iou).toBe(0.2);
  });

  it("that can't be opened leaves the one before, and of several only the last takes over", async () => {
    const { store, opening, closed, setVersion, iou } = await setUp();
    setVersion(2);
    opening[1]!.end(new Error("No memory."));
    await expect.poll(() => store.getState().notices.at(-1)?.text).toContain("No memory.");
    expect(await iou()).toBe(0.1);
    setVersion(3);
    setVersion(4);
    expect(opening.map((each) => each.version)).toEqual(["v1", "v2", "v3", "v4"]);
    opening[3]!.end();
    await expect.poll(iou).toBe(0.4);
    expect(closed.sort()).toEqual(["v1", "v2", "v3"]);
  });
});

describe("the image after the open one", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Images a to d of which `a` is open, and a model whose work a test ends. */
  async function setUp({ canOpenAhead = true } = {}) {
    const store = createStudioStore(DEFAULT_PREFERENCES);
    const begun: string[] = [];
    const stopped: string[] = [];
    const finishers = new Map<string, (error?: Error) => void>();
    const opener =
      (how: string) =>
      ({ id }: ImageSource, { signal, onLoading }: OpenOptions) =>
        new Promise<OpenImage>((resolve, reject) => {
          begun.push(`${how} ${id}`);
          onLoading({ phase: "encoding", elapsedMs: 0, expectedMs: null });
          signal.addEventListener("abort", () => {
            stopped.push(id);
            reject(new DOMException("Stopped.", "AbortError"));
          });
          const opened = {
            width: 1024,
            height: 64,
            model: PUBLISHED_MODEL,
            predict: async () => [],
            everything: () => Promise.reject(new Error("not asked for here")),
          };
          finishers.set(id, (error) => (error ? reject(error) : resolve(opened)));
        });
    const segmenter: Segmenter = {
      mode: "browser",
      open: opener("open"),
      ...(canOpenAhead && { openAhead: opener("ahead") }),
      close: async () => undefined,
    };
    const loader = watchImages(store, images, () => segmenter);
    store.set(() => ({
      modes: ["browser"],
      images: ["a", "b", "c", "d"].map(image),
      openImageId: "a",
    }));
    const pass = () => vi.advanceTimersByTimeAsync(2000);
    const finish = async (id: string, error?: Error) => {
      finishers.get(id)!(error);
      await pass();
    };
    await pass();
    return {
      store,
      loader,
      begun,
      stopped,
      finish,
      pass,
      open: async (id: string) => {
        store.set(() => ({ openImageId: id }));
        await pass();
      },
      phaseOf: (id: string) => store.getState().images.find((each) => each.id === id)!.loading.phase,
    };
  }

  it("is made ready once the open one is, and no other; opening it then asks for nothing", async () => {
    const { begun, finish, open, phaseOf, loader } = await setUp();
    expect(begun).toEqual(["open a"]);
    await finish("a");
    expect(begun).toEqual(["open a", "ahead b"]);
    await finish("b");
    expect(phaseOf("b")).toBe("ready");
    expect(begun).toHaveLength(2);
    await open("b");
    expect(begun).toEqual(["open a", "ahead b", "ahead c"]);
    expect(loader.of("b")).not.toBeNull();
  });

  it("goes on when it is opened meanwhile, with its progress to be seen", async () => {
    const { begun, stopped, finish, open, phaseOf } = await setUp();
    await finish("a");
    await open("b");
    expect(phaseOf("b")).toBe("encoding");
    await finish("b");
    expect(stopped).toEqual([]);
    expect(begun).toEqual(["open a", "ahead b", "ahead c"]);
  });

  it("is stopped when another one is opened, and can be opened later", async () => {
    const { begun, stopped, finish, open, phaseOf } = await setUp();
    await finish("a");
    await open("d");
    expect(stopped).toEqual(["b"]);
    expect(phaseOf("b")).toBe("waiting");
    expect(begun.at(-1)).toBe("open d");
    await open("b");
    expect(begun.at(-1)).toBe("open b");
  });

  it("is not tried twice when it failed, says nothing of it, and is opened on demand", async () => {
    const { store, begun, finish, open, pass, phaseOf } = await setUp();
    await finish("a");
    await finish("b", new Error("No memory."));
    expect(phaseOf("b")).toBe("waiting");
    store.set(() => ({ images: store.getState().images.slice(0, 3) }));
    await pass();
    expect(begun).toEqual(["open a", "ahead b"]);
    await open("b");
    expect(begun.at(-1)).toBe("open b");
    await finish("b", new Error("Damaged."));
    expect(phaseOf("b")).toBe("failed");
  });

  it("waits for everything mode to end", async () => {
    const { store, begun, finish, pass } = await setUp();
    store.set(() => ({ everything: { state: "running", pointsDone: 0, pointsTotal: 1, found: [] } }));
    await finish("a");
    expect(begun).toEqual(["open a"]);
    store.set(() => ({ everything: { state: "idle" } }));
    await pass();
    expect(begun).toEqual(["open a", "ahead b"]);
  });

  it("is left to a server that sees to it by itself", async () => {
    const { begun, finish } = await setUp({ canOpenAhead: false });
    await finish("a");
    expect(begun).toEqual(["open a"]);
  });
});
