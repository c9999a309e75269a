import { expect, test } from "vitest";
import { chooseImages } from "./choose-images.js";

const images = ["b10.jpg", "b2.jpg", "B1.JPG", "a.png"].map((name) => ({ id: `id of ${name}`, name }));
const names = (pattern: string, most: number | null = null, except: readonly string[] = []) =>
  chooseImages(images, { pattern, most, except: new Set(except) }).map(({ name }) => name);

test("images are chosen by a pattern of their names, in the order of numbers", () => {
  expect(names("")).toEqual(["a.png", "B1.JPG", "b2.jpg", "b10.jpg"]);
  expect(names("b*.jpg")).toEqual(["B1.JPG", "b2.jpg", "b10.jpg"]);
  expect(names("b?.jpg")).toEqual(["B1.JPG", "b2.jpg"]);
  expect(names("*1*")).toEqual(["B1.JPG", "b10.jpg"]);
  expect(names("b")).toEqual([]);
  expect(names("a.png*")).toEqual(["a.png"]);
  expect(names("(a|b).*")).toEqual([]);
});

test("so many at most, without those that are left out", () => {
  expect(names("", 2, ["id of a.png"])).toEqual(["B1.JPG", "b2.jpg"]);
  expect(names(`${"*a".repeat(40)}*`)).toEqual([]);
});
