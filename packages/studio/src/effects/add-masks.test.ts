import { runsToRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { addClasses } from "../state/classes.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { updateObject } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { classList, classOfObject } from "../state/selectors.js";
import type { GalleryImage } from "../state/types.js";
import { drawnShape } from "../testing/document-parts.js";
import { addMaskFiles } from "./add-mask-files.js";
import { imageOf } from "./add-masks.js";

const image = (id: string, name: string, width = 6, height = 5) =>
  ({ id, name, width, height }) as unknown as GalleryImage;
const masksOf = (fileName: string, width = 6, height = 5) => ({ fileName, width, height });
const state = (openImageId: string | null, ...images: GalleryImage[]) => ({ images, openImageId });
const [cat, dog] = [image("1", "cat.jpg"), image("2", "dog.jpg")] as const;

it("finds the image of that name, open or not", () => {
  for (const isSingle of [true, false])
    expect(imageOf(masksOf("dog.jpg"), isSingle, state("1", cat, dog))).toBe(dog);
});

it("takes the open image for the masks of a single image of another name, and for no others", () => {
  expect(imageOf(masksOf("bird.jpg"), true, state("2", cat, dog))).toBe(dog);
  expect(imageOf(masksOf("bird.jpg"), false, state("2", cat, dog))).toBeNull();
  expect(imageOf(masksOf("bird.jpg"), true, state(null, cat, dog))).toBeNull();
});

it("takes no image of another size, whatever it is called", () => {
  expect(imageOf(masksOf("cat.jpg", 5, 6), true, state("1", cat))).toBeNull();
  const larger = image("3", "cat.jpg", 12, 10);
  expect(imageOf(masksOf("cat.jpg"), false, state("3", larger, cat))).toBe(cat);
});

describe("classes of a file", () => {
  const { segmentation } = drawnShape("##", "#");
  const SIZE = { width: 8, height: 6 };
  const mask = (id: number, image_id: number, category_id: number) => ({
    id,
    image_id,
    category_id,
    segmentation: runsToRle(segmentation),
  });
  const coco = (images: readonly string[], annotations: readonly object[]) =>
    new File(
      [
        JSON.stringify({
          images: images.map((file_name, i) => ({ id: i + 1, file_name, ...SIZE })),
          annotations,
          categories: [
            { id: 7, name: "unused" },
            { id: 3, name: "pear" },
          ],
        }),
      ],
      "masks.json",
    );

  function openStore(...names: readonly string[]) {
    const store = createStudioStore(DEFAULT_PREFERENCES);
    const images = names.map((name): GalleryImage => {
      const loading = { phase: "ready" } as const;
      return { id: name, name, ...SIZE, thumbnailUrl: "", loading, history: startHistory(EMPTY_DOCUMENT) };
    });
    store.set(() => ({ images, openImageId: names[0]! }));
    const classesOf = (i: number) =>
      store
        .getState()
        .images[i]!.history.present.objects.map(
          (object) => classOfObject(store.getState(), object)?.name ?? null,
        );
    const said = () => store.getState().notices.map(({ text }) => text);
    return { store, classesOf, said, classNames: () => classList(store.getState()).map(({ name }) => name) };
  }

  it("come behind those that are there, in the file's order, and go with its objects in one step", async () => {
    const { store, classesOf, classNames } = openStore("a.jpg");
    store.editClasses("Add", (classes) => addClasses(classes, ["pear", "own"]));
    await addMaskFiles(store, [
      coco(["a.jpg"], [mask(1, 1, 3), { ...mask(2, 1, 3), category_id: undefined }]),
    ]);
    expect(classNames()).toEqual(["pear", "own", "unused"]);
    expect(classesOf(0)).toEqual(["pear", null]);
    store.undo();
    expect([classNames(), classesOf(0)]).toEqual([["pear", "own"], []]);
  });

  it("stay for the other images when the objects of one are taken back", async () => {
    const { store, classesOf, classNames } = openStore("a.jpg", "b.jpg");
    await addMaskFiles(store, [coco(["a.jpg", "b.jpg"], [mask(1, 1, 3), mask(2, 2, 3)])]);
    store.undo();
    expect([classNames(), classesOf(0), classesOf(1)]).toEqual([["unused", "pear"], [], ["pear"]]);
  });

  it("of a mask that is there are taken over, in one step, and the same file changes nothing", async () => {
    const { store, classesOf, said } = openStore("a.jpg");
    for (const category of [3, 3, 7]) await addMaskFiles(store, [coco(["a.jpg"], [mask(1, 1, category)])]);
    expect(classesOf(0)).toEqual(["unused"]);
    expect(said()).toEqual([
      "1 object imported from masks.json.",
      "0 objects imported from masks.json. 1 object left out: already there.",
      "0 objects imported from masks.json. 1 object already there: the file's name and class taken.",
    ]);
    store.undo();
    expect(classesOf(0)).toEqual(["pear"]);
  });

  it("of a locked object stay, and those of an object stay where the file has none", async () => {
    const { store, classesOf, said } = openStore("a.jpg");
    await addMaskFiles(store, [coco(["a.jpg"], [mask(1, 1, 3)])]);
    await addMaskFiles(store, [coco(["a.jpg"], [{ ...mask(1, 1, 3), category_id: undefined }])]);
    expect(classesOf(0)).toEqual(["pear"]);
    store.editImage("a.jpg", "Lock", (document) =>
      updateObject(document, document.objects[0]!.id, { locked: true }),
    );
    await addMaskFiles(store, [coco(["a.jpg"], [mask(1, 1, 7)])]);
    expect(classesOf(0)).toEqual(["pear"]);
    expect(said().at(-1)).toContain("1 object left out: already there.");
  });

  it("that share a mask in a file are each kept, and changed one by one", async () => {
    const { store, classesOf } = openStore("a.jpg");
    const both = coco(["a.jpg"], [mask(1, 1, 3), mask(2, 1, 7)]);
    for (const file of [both, both]) await addMaskFiles(store, [file]);
    expect(classesOf(0)).toEqual(["pear", "unused"]);
    await addMaskFiles(store, [coco(["a.jpg"], [mask(1, 1, 7), mask(2, 1, 7)])]);
    expect(classesOf(0)).toEqual(["pear", "unused"]);
  });
});
