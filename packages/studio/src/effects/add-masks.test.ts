import { expect, it } from "vitest";
import type { GalleryImage } from "../state/types.js";
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
