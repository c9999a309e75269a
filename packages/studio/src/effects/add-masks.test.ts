import { expect, it } from "vitest";
import type { Picture } from "../state/types.js";
import { pictureOf } from "./add-masks.js";

const picture = (id: string, name: string, width = 6, height = 5) =>
  ({ id, name, width, height }) as unknown as Picture;
const masksOf = (fileName: string, width = 6, height = 5) => ({ fileName, width, height });
const state = (openPictureId: string | null, ...pictures: Picture[]) => ({ pictures, openPictureId });
const [cat, dog] = [picture("1", "cat.jpg"), picture("2", "dog.jpg")] as const;

it("finds the picture of that name, open or not", () => {
  for (const isSingle of [true, false])
    expect(pictureOf(masksOf("dog.jpg"), isSingle, state("1", cat, dog))).toBe(dog);
});

it("takes the open picture for the masks of a single image of another name, and for no others", () => {
  expect(pictureOf(masksOf("bird.jpg"), true, state("2", cat, dog))).toBe(dog);
  expect(pictureOf(masksOf("bird.jpg"), false, state("2", cat, dog))).toBeNull();
  expect(pictureOf(masksOf("bird.jpg"), true, state(null, cat, dog))).toBeNull();
});

it("takes no picture of another size, whatever it is called", () => {
  expect(pictureOf(masksOf("cat.jpg", 5, 6), true, state("1", cat))).toBeNull();
  const larger = picture("3", "cat.jpg", 12, 10);
  expect(pictureOf(masksOf("cat.jpg"), false, state("3", larger, cat))).toBe(cat);
});
