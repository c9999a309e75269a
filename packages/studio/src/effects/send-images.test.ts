import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StudioError } from "../errors.js";
import { createImageStore } from "../images/image-store.js";
import { createStudioStore } from "../state/create-store.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { Loading, RunMode } from "../state/status.js";
import type { GalleryImage } from "../state/types.js";
import { createImageSender, type SenderParts } from "./send-images.js";

type Api = NonNullable<ReturnType<SenderParts["api"]>>;
type Info = Awaited<ReturnType<Api["upload"]>>;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WAITING: Loading = { phase: "waiting" };

/** A gallery of images and a server that takes one when the test lets it. */
function setUp(ids: readonly string[], { mode = "server-encodes" as RunMode, known = [] as string[] } = {}) {
  const store = createStudioStore({ ...DEFAULT_PREFERENCES, mode });
  const images = createImageStore(() => null);
  for (const id of ids) images.add({ kind: "file", id, file: new Blob([id]), name: `${id}.png` }, "browser");
  store.set(() => ({
    modes: ["server-encodes", "browser", "server"],
    images: ids.map((id) => ({ id, name: `${id}.png`, loading: WAITING }) as unknown as GalleryImage),
  }));
  const uploads = new Map<
    string,
    { take: () => void; refuse: (error: Error) => void; signal: AbortSignal }
  >();
  const asked: string[] = [];
  const api: Api = {
    findImage: async (id) => (known.includes(id) ? ({ id } as Info) : null),
    image: async (id) => ({ id }) as Info,
    upload: async (file, _name, { signal }) => {
      const id = await file.text();
      asked.push(id);
      return new Promise<Info>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        uploads.set(id, { take: () => resolve({ id } as Info), refuse: reject, signal });
      });
    },
  };
  let server: Api | null = api;
  const sent: string[] = [];
  const sender = createImageSender({ store, images, api: () => server, onSent: (id) => sent.push(id) });
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return {
    store,
    images,
    sender,
    asked,
    sent,
    settle,
    connect: (isThere: boolean) => {
      server = isThere ? api : null;
    },
    take: async (id: string) => {
      uploads.get(id)!.take();
      await settle();
    },
    refuse: async (id: string, error: Error) => {
      uploads.get(id)!.refuse(error);
      await settle();
    },
    isAborted: (id: string) => uploads.get(id)!.signal.aborted,
    show: (id: string, loading: Loading) =>
      store.set((state) => ({
        images: state.images.map((image) => (image.id === id ? { ...image, loading } : image)),
      })),
    setMode: (to: RunMode) => store.set(({ preferences }) => ({ preferences: { ...preferences, mode: to } })),
    sending: () => store.getState().sending,
    notices: () => store.getState().notices.map(({ text }) => text),
  };
}

test("sends two at a time, tells how far it is, and each image is on the server then", async () => {
  const { sender, images, asked, sent, settle, take, sending } = setUp(["a", "b", "c"]);
  sender.offer(["a", "b", "c"]);
  await settle();
  expect([asked, sending()]).toEqual([["a", "b"], { done: 0, total: 3 }]);
  await take("b");
  expect([asked, sent, sending()]).toEqual([["a", "b", "c"], ["b"], { done: 1, total: 3 }]);
  expect(images.placeOf("b")).toBe("server");
  await take("a");
  await take("c");
  expect([sent, sending()]).toEqual([["b", "a", "c"], null]);
});

test("what the server has already is not sent again", async () => {
  const { sender, asked, sent, settle } = setUp(["a"], { known: ["a"] });
  sender.offer(["a"]);
  await settle();
  expect([asked, sent]).toEqual([[], ["a"]]);
});

test("nothing is sent with all in this browser, nor before there is a server", async () => {
  const { sender, asked, settle, setMode, connect, sending } = setUp(["a"], { mode: "browser" });
  sender.offer(["a"]);
  await settle();
  expect([asked, sending()]).toEqual([[], null]);
  connect(false);
  setMode("server");
  await settle();
  expect(asked).toEqual([]);
  connect(true);
  sender.resume();
  await settle();
  expect(asked).toEqual(["a"]);
});

test("an image that the user opens is sent by whoever opens it, and counts when it is there", async () => {
  const { sender, asked, sent, settle, show, isAborted } = setUp(["a", "b"]);
  sender.offer(["a", "b"]);
  await settle();
  show("a", { phase: "uploading", bytesDone: 0, bytesTotal: 1 });
  await settle();
  expect([isAborted("a"), asked]).toEqual([true, ["a", "b"]]);
  show("a", { phase: "queued", position: 0 });
  await settle();
  expect(sent).toEqual(["a"]);
});

test("an upload that was given up where the image was opened is taken up again", async () => {
  const { sender, asked, settle, show } = setUp(["a"]);
  sender.offer(["a"]);
  await settle();
  show("a", { phase: "uploading", bytesDone: 0, bytesTotal: 1 });
  await settle();
  show("a", WAITING);
  await settle();
  expect(asked).toEqual(["a", "a"]);
});

test("a busy server is left alone for as long as it wants, then asked again", async () => {
  const { sender, asked, settle, refuse, take, sent, notices } = setUp(["a"]);
  sender.offer(["a"]);
  await settle();
  await refuse("a", new StudioError("too-many-requests", "no", { retryAfterMs: 5000 }));
  await vi.advanceTimersByTimeAsync(4900);
  expect(asked).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked).toEqual(["a", "a"]);
  await take("a");
  expect([sent, notices()]).toEqual([["a"], []]);
});

test("pauses grow while the server can't be reached, up to a minute", async () => {
  const { sender, asked, settle, refuse } = setUp(["a"]);
  sender.offer(["a"]);
  await settle();
  for (const seconds of [2, 4, 8, 16, 32, 60, 60]) {
    const before = asked.length;
    await refuse("a", new StudioError("server-unreachable", "no"));
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
    expect(asked).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(2);
    expect(asked).toHaveLength(before + 1);
  }
});

test("what the server refuses is told by name and not sent again; the others go on", async () => {
  const { sender, images, asked, sent, settle, refuse, take, notices, sending } = setUp(["a", "b"]);
  sender.offer(["a", "b"]);
  await settle();
  await refuse("a", new StudioError("image-too-large", "Too large."));
  await take("b");
  expect([asked, sent, sending()]).toEqual([["a", "b"], ["b"], null]);
  expect(notices()).toEqual(['"a.png" is not on the server. Too large.']);
  expect(images.placeOf("a")).toBe("browser");
});

test("an image that is taken out of the gallery is not sent", async () => {
  const { store, sender, asked, settle, take } = setUp(["a", "b", "c"]);
  sender.offer(["a", "b", "c"]);
  await settle();
  store.set(({ images }) => ({ images: images.filter(({ id }) => id !== "c") }));
  await take("a");
  expect(asked).toEqual(["a", "b"]);
});
