import { describe, expect, it } from "vitest";
import {
  addClasses,
  type ClassList,
  classOf,
  findClass,
  MAX_CLASSES,
  mergeClass,
  moveClass,
  recolourClass,
  removeClass,
  renameClass,
} from "./classes.js";

const three = addClasses([], ["pear", "bottle", "box"]);
const [pear, bottle, box] = three.map(({ id }) => id) as [string, string, string];
const names = (classes: ClassList) => classes.map(({ name }) => name);

describe("a list of classes", () => {
  it("takes names in their order, once each and cleaned, with colours of their own", () => {
    const more = addClasses(three, [" red\n pear ", "box", "", "   ", "cafe\u0301", "café"]);
    expect(names(more)).toEqual(["pear", "bottle", "box", "red pear", "café"]);
    expect(more.map(({ colour }) => colour)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(more.map(({ id }) => id)).size).toBe(5);
    expect(addClasses(three, ["box", ""])).toBe(three);
    expect(findClass(more, "red  pear ")!.name).toBe("red pear");
    expect(findClass(more, "apple")).toBeNull();
  });

  it("gives a colour that was freed to the next class", () => {
    const [first] = addClasses(removeClass(three, bottle), ["lid"]).slice(-1);
    expect(first!.colour).toBe(1);
  });

  it("has no more than ten thousand", () => {
    const many = Array.from({ length: MAX_CLASSES + 5 }, (_, i) => `${i}`);
    expect(addClasses([], many)).toHaveLength(MAX_CLASSES);
  });

  it("keeps objects with a class that is renamed, moved or given a colour", () => {
    const changed = moveClass(recolourClass(renameClass(three, pear, " Birne "), pear, 7), pear, 1);
    expect(names(changed)).toEqual(["bottle", "Birne", "box"]);
    expect(classOf(changed, pear)).toMatchObject({ name: "Birne", colour: 7 });
  });

  it("refuses the name of another class, and none", () => {
    for (const name of ["bottle", " ", ""]) expect(renameClass(three, pear, name)).toBe(three);
    expect(moveClass(three, pear, -1)).toBe(three);
    expect(moveClass(three, box, 1)).toBe(three);
    expect(moveClass(three, "none", 1)).toBe(three);
  });

  it("gives the objects of a merged class the other one, through further merges", () => {
    const merged = mergeClass(mergeClass(three, pear, bottle), bottle, box);
    expect(names(merged)).toEqual(["box"]);
    for (const id of [pear, bottle, box]) expect(classOf(merged, id)!.name).toBe("box");
    expect(mergeClass(three, pear, pear)).toBe(three);
    expect(mergeClass(three, pear, "none")).toBe(three);
  });

  it("takes the class from objects of one that is deleted, and of those merged into it", () => {
    const left = removeClass(mergeClass(three, pear, bottle), bottle);
    expect([pear, bottle, box, null].map((id) => classOf(left, id)?.name)).toEqual([
      undefined,
      undefined,
      "box",
      undefined,
    ]);
  });
});
