import { array, assert, constantFrom, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addClasses,
  type ClassList,
  classOf,
  mergeClass,
  moveClass,
  recolourClass,
  removeClass,
  renameClass,
} from "./classes.js";
import { areSameClasses, mergeClasses } from "./merge-classes.js";

const base = addClasses([], ["pear", "bottle", "box"]);
const [pear, bottle, box] = base.map(({ id }) => id) as [string, string, string];
const names = (classes: ClassList) => classes.map(({ name }) => name);
const merged = (mine: ClassList, theirs: ClassList) => mergeClasses({ base, mine, theirs });

describe("a list that two have changed", () => {
  it("has what either has added, renamed, coloured and moved", () => {
    const mine = renameClass(addClasses(base, ["lid"]), pear, "Birne");
    const theirs = moveClass(recolourClass(addClasses(base, ["cup"]), pear, 9), box, -1);
    const both = merged(mine, theirs);
    expect(names(both)).toEqual(["Birne", "box", "bottle", "cup", "lid"]);
    expect(both[0]).toMatchObject({ id: pear, colour: 9 });
  });

  it("has mine where both have changed the same", () => {
    const theirs = moveClass(renameClass(base, pear, "poire"), box, -1);
    expect(names(merged(moveClass(renameClass(base, pear, "Birne"), pear, 1), theirs))).toEqual([
      "bottle",
      "Birne",
      "box",
    ]);
  });

  it("lacks what one has deleted, unless the other has changed it", () => {
    const mine = removeClass(removeClass(base, pear), bottle);
    expect(names(merged(mine, renameClass(base, pear, "poire")))).toEqual(["poire", "box"]);
    expect(names(merged(base, removeClass(base, box)))).toEqual(["pear", "bottle"]);
  });

  it("makes one of two of a name, with the objects of both", () => {
    const mine = addClasses(base, ["lid"]);
    const theirs = addClasses(base, ["lid"]);
    const both = merged(mine, theirs);
    expect(names(both)).toEqual(["pear", "bottle", "box", "lid"]);
    for (const { id } of [mine[3]!, theirs[3]!]) expect(classOf(both, id)!.name).toBe("lid");
  });

  it("keeps a merge of one, and one that was taken back is gone", () => {
    const mine = mergeClass(base, pear, box);
    expect(names(merged(mine, addClasses(base, ["lid"])))).toEqual(["bottle", "box", "lid"]);
    const back = mergeClasses({ base: mine, mine: base, theirs: mine });
    expect(back.map(({ mergedIds }) => mergedIds)).toEqual([[], [], []]);
    expect(classOf(back, pear)!.name).toBe("pear");
  });

  it("is the list of who has changed it where the other has not, and loses no class that nobody deletes", () => {
    const changes: Readonly<Record<string, (classes: ClassList, id: string) => ClassList>> = {
      add: (classes) => addClasses(classes, [`${classes.length}`]),
      rename: (classes, id) => renameClass(classes, id, `${id.slice(0, 3)}*`),
      up: (classes, id) => moveClass(classes, id, -1),
      colour: (classes, id) => recolourClass(classes, id, 5),
    };
    const steps = array(tuple(constantFrom(...Object.keys(changes)), constantFrom(pear, bottle, box)));
    const changed = steps.map((list) =>
      list.reduce((classes, [name, id]) => changes[name]!(classes, id), base as ClassList),
    );
    assert(
      property(changed, changed, (mine, theirs) => {
        expect(areSameClasses(merged(mine, base), mine)).toBe(true);
        expect(areSameClasses(merged(base, theirs), theirs)).toBe(true);
        const both = merged(mine, theirs);
        for (const { id } of [...mine, ...theirs]) expect(classOf(both, id)).not.toBeNull();
        expect(new Set(names(both)).size).toBe(both.length);
        // What comes out is what both have from then on.
        expect(areSameClasses(mergeClasses({ base: both, mine: both, theirs: both }), both)).toBe(true);
      }),
    );
  });
});
