import { describe, expect, it } from "vitest";
import type { ImageStore } from "../images/image-store.js";
import type { OpenImage, Segmenter } from "../segmentation/types.js";
import { createStudioStore } from "../state/create-store.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { GalleryImage } from "../state/types.js";
import { createOpenImages } from "./open-images.js";

const ids = Array.from({ length: 9 }, (_, i) => String(i));
const images = { sourceOf: (id: string) => ({ kind: "stored", id }) } as unknown as ImageStore;
const opened: Segmenter["open"] = async () => ({ width: 6, height: 5 }) as unknown as OpenImage;
/** Never comes to an end, and counts those that are broken off. */
function opening() {
  const aborted: string[] = [];
  const by: Segmenter["open"] = (source, { signal }) => {
    signal.addEventListener("abort", () => aborted.push((source as { readonly id: string }).id));
    return new Promise(() => undefined);
  };
  return { by, aborted };
}

function setUp() {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const loading = { phase: "failed", message: "before" } as const;
  store.set(() => ({ images: ids.map((id) => ({ id, loading }) as unknown as GalleryImage) }));
  const phaseOf = (id: string) => store.getState().images.find((image) => image.id === id)!.loading.phase;
  return { open: createOpenImages(store, images), phaseOf };
}

describe("open images", () => {
  it("are eight, and the one used longest ago is closed for another", async () => {
    const { open } = setUp();
    for (const id of ids.slice(0, 8)) await open.open(id, opened);
    expect(ids.map(open.has)).toEqual([...Array<boolean>(8).fill(true), false]);
    open.touch("0");
    await open.open("8", opened);
    expect(ids.filter((id) => !open.has(id))).toEqual(["1"]);
  });

  it("can be asked when they are ready, and tell so", async () => {
    const { open, phaseOf } = setUp();
    void open.open("1", opening().by);
    expect([open.has("1"), open.get("1")]).toEqual([true, null]);
    await open.open("0", opened);
    expect(open.get("0")).toMatchObject({ width: 6 });
    expect(phaseOf("0")).toBe("ready");
  });

  it("wait again when they are stopped, each or all, and no others", () => {
    const { open, phaseOf } = setUp();
    const { by, aborted } = opening();
    for (const id of ["0", "1"]) void open.open(id, by);
    open.stop("0");
    expect([aborted, phaseOf("0"), phaseOf("1"), open.has("1")]).toEqual([["0"], "waiting", "failed", true]);
    open.stopAll();
    expect(aborted).toEqual(["0", "1"]);
    expect(ids.map(phaseOf)).toEqual(ids.map(() => "waiting"));
  });

  it("leave the state as it is when they are forgotten", () => {
    const { open, phaseOf } = setUp();
    const { by, aborted } = opening();
    for (const id of ["0", "1"]) void open.open(id, by);
    open.forgetAll();
    expect([aborted, phaseOf("0"), open.has("0")]).toEqual([["0", "1"], "failed", false]);
  });
});
