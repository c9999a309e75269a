import { exclusiveBox, imagePoint } from "@segany/masks";
import { type Arbitrary, assert, constantFrom, dictionary, oneof, property, record, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { drawnShape } from "../testing/document-parts.js";
import { EMPTY_DOCUMENT, type MaskObject } from "./document.js";
import { editObject, keepDraft } from "./edits.js";
import { areSame, mergeObjects, type Resolutions, sharing, withTheirs } from "./merge-objects.js";

const SHAPES = [drawnShape("#."), drawnShape("##", "##"), drawnShape("####", "#..#", "####")];

function object(id: string, changes: Partial<MaskObject> = {}): MaskObject {
  return {
    ...SHAPES[0]!,
    id,
    name: id,
    classId: null,
    colour: 0,
    visible: true,
    locked: false,
    source: "prompt",
    predictedIou: 0.9,
    stabilityScore: null,
    points: [{ id: `point-${Math.random()}`, at: imagePoint([1, 1]), label: 1 }],
    boxXyxy: null,
    ...changes,
  };
}

/** Each is another content. */
const CHANGES: readonly Partial<MaskObject>[] = [
  { name: "Pear" },
  { classId: "pear" },
  { name: "Apple" },
  { colour: 3 },
  SHAPES[1]!,
  { source: "brush", predictedIou: null },
  { points: [{ id: "p", at: imagePoint([1, 1]), label: 0 }] },
  { boxXyxy: exclusiveBox([0, 0, 2, 2]) },
  { stabilityScore: 0.5 },
  { foreign: { extra: { note: 1 } } },
  { foreign: { extra: {}, cropBoxXywh: [0, 0, 1, 1] } },
];
const changed = constantFrom(...CHANGES);

/** What is made of each of four objects, of which some are there in the beginning. */
const IDS = ["a", "b", "c", "d"] as const;
type Fate = "left" | "absent" | Partial<MaskObject>;
const fate: Arbitrary<Fate> = oneof(constantFrom<Fate>("left", "left", "absent"), changed);
const fates = tuple(fate, fate, fate, fate);
const beginnings = tuple(...IDS.map(() => constantFrom(true, false)));

const versions = tuple(beginnings, fates, fates).map(([isThere, mine, theirs]) => {
  const base = IDS.filter((_, i) => isThere[i]).map((id) => object(id));
  const made = (list: readonly Fate[]) =>
    IDS.flatMap((id, i) => {
      const what = list[i]!;
      if (what === "absent" || (what === "left" && !isThere[i])) return [];
      return [object(id, what === "left" ? {} : what)];
    });
  return { base, mine: made(mine), theirs: made(theirs) };
});

const of = (objects: readonly MaskObject[], id: string) => objects.find((each) => each.id === id) ?? null;
const sorted = (objects: readonly MaskObject[]) => [...objects].sort((a, b) => (a.id < b.id ? -1 : 1));
const same = (one: MaskObject | null, other: MaskObject | null) =>
  one === null || other === null ? one === other : areSame([one], [other]);

describe("objects that two have worked on", () => {
  const [before, own, other] = [object("a"), object("a", { name: "mine" }), object("a", { name: "theirs" })];
  it.each<[string, MaskObject | null, MaskObject | null, MaskObject | null, MaskObject | null | "asked"]>([
    ["nobody has touched", before, before, before, before],
    ["I have changed", before, own, before, own],
    ["they have changed", before, before, other, other],
    ["I have deleted", before, null, before, null],
    ["they have deleted", before, before, null, null],
    ["both have deleted", before, null, null, null],
    ["both have changed alike", before, own, { ...own }, own],
    ["I have added", null, own, null, own],
    ["they have added", null, null, other, other],
    ["both have added alike", null, own, { ...own }, own],
    ["both have added, each another", null, own, other, "asked"],
    ["both have changed, each otherwise", before, own, other, "asked"],
    ["I have changed and they have deleted", before, own, null, "asked"],
    ["I have deleted and they have changed", before, null, other, "asked"],
  ])("%s", (_, base, mine, theirs, expected) => {
    const list = (each: MaskObject | null) => (each ? [each] : []);
    const merged = mergeObjects({ base: list(base), mine: list(mine), theirs: list(theirs) });
    if (expected === "asked") expect(merged.conflicts).toEqual([{ id: "a", mine, theirs }]);
    else expect(merged).toEqual({ objects: list(expected), conflicts: [] });
  });

  it.each(CHANGES)("are changed by %j", (change) => {
    const merged = mergeObjects({ base: [before], mine: [before], theirs: [object("a", change)] });
    expect(merged.objects).toEqual([expect.objectContaining(change)]);
    const asked = mergeObjects({
      base: [before],
      mine: [object("a", { colour: 9 })],
      theirs: [object("a", change)],
    });
    expect(asked.conflicts).toHaveLength(1);
  });

  it.each<Partial<MaskObject>>([{ visible: false }, { locked: true }, { number: 7 }])(
    "are not changed by %j, which stays as it is here",
    (view) => {
      const mine = [object("a", view)];
      expect(mergeObjects({ base: [before], mine, theirs: [before] }).objects).toEqual(mine);
      const { objects, conflicts } = mergeObjects({ base: [before], mine, theirs: [other] });
      expect(conflicts).toEqual([]);
      expect(objects).toMatchObject([{ name: "theirs", ...("number" in view ? {} : view) }]);
    },
  );

  it("come in the order of theirs, with mine that they lack at the end", () => {
    const [a, b, c, d] = IDS.map((id) => object(id)) as [MaskObject, MaskObject, MaskObject, MaskObject];
    const { objects } = mergeObjects({ base: [a, b], mine: [a, c, b], theirs: [d, b, a] });
    expect(objects.map(({ id }) => id)).toEqual(["d", "b", "a", "c"]);
  });

  it("are those of the other where one has done nothing", () => {
    assert(
      property(versions, ({ base, mine, theirs }) => {
        for (const [merged, expected] of [
          [mergeObjects({ base, mine: base, theirs }), theirs],
          [mergeObjects({ base, mine, theirs: base }), mine],
          [mergeObjects({ base, mine, theirs: mine }), mine],
        ] as const) {
          expect(merged.conflicts).toEqual([]);
          expect(areSame(sorted(merged.objects), sorted(expected))).toBe(true);
        }
      }),
    );
  });

  it("are the same whoever merges, and so are the conflicts", () => {
    assert(
      property(versions, ({ base, mine, theirs }) => {
        const here = mergeObjects({ base, mine, theirs });
        const there = mergeObjects({ base, mine: theirs, theirs: mine });
        const swapped = there.conflicts.map(({ id, mine: m, theirs: t }) => ({ id, mine: t, theirs: m }));
        const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
        expect([...here.conflicts].sort(byId)).toEqual(swapped.sort(byId));
        const asked = new Set(here.conflicts.map(({ id }) => id));
        const settled = (list: readonly MaskObject[]) => sorted(list).filter(({ id }) => !asked.has(id));
        expect(areSame(settled(here.objects), settled(there.objects))).toBe(true);
      }),
    );
  });

  it("lose nothing: what either has changed is in the list or in a question", () => {
    assert(
      property(versions, ({ base, mine, theirs }) => {
        const { objects, conflicts } = mergeObjects({ base, mine, theirs });
        for (const id of IDS) {
          const conflict = conflicts.find((each) => each.id === id);
          for (const [side, version] of [
            ["mine", of(mine, id)],
            ["theirs", of(theirs, id)],
          ] as const) {
            if (same(version, of(base, id))) continue;
            expect(same(conflict ? conflict[side] : of(objects, id), version)).toBe(true);
          }
        }
      }),
    );
  });

  it("are as the user decides, and no decision touches what was no question", () => {
    const keeps = record({
      a: constantFrom("mine", "theirs", "both"),
      b: constantFrom("mine", "theirs", "both"),
      c: constantFrom("mine", "theirs", "both"),
      d: constantFrom("mine", "theirs", "both"),
    });
    assert(
      property(versions, keeps, ({ base, mine, theirs }, keep) => {
        const open = mergeObjects({ base, mine, theirs });
        const resolutions: Resolutions = new Map(
          IDS.map((id) => [
            id,
            keep[id] === "both" ? { keep: "both", copyId: `copy-${id}` } : { keep: keep[id] },
          ]),
        );
        const { objects, conflicts } = mergeObjects({ base, mine, theirs }, resolutions);
        expect(conflicts).toEqual([]);
        for (const id of IDS) {
          const conflict = open.conflicts.find((each) => each.id === id);
          const expected = conflict
            ? conflict[keep[id] === "mine" ? "mine" : "theirs"]
            : of(open.objects, id);
          expect(same(of(objects, id), expected)).toBe(true);
          const copy = conflict && keep[id] === "both" ? conflict.mine : null;
          const found = of(objects, `copy-${id}`);
          expect(found && { ...found, id, name: copy?.name }).toEqual(copy);
        }
      }),
    );
  });
});

describe("a history that others join", () => {
  it("has in every step what they did, and what the user did by then", () => {
    const steps = tuple(versions, fates);
    assert(
      property(steps, ([{ base, mine, theirs }, later]) => {
        for (const objects of [
          base,
          mine,
          later.flatMap((what, i) => (typeof what === "object" ? [object(IDS[i]!, what)] : [])),
        ]) {
          const joined = withTheirs({ ...EMPTY_DOCUMENT, objects }, { base, theirs }, new Map()).objects;
          for (const id of IDS) {
            const [before, own, other] = [of(base, id), of(objects, id), of(theirs, id)];
            const expected = same(other, before) ? own : other;
            expect(same(of(joined, id), expected)).toBe(true);
          }
        }
      }),
    );
  });

  it("lets go of the object whose mask is being made anew when others change or delete it", () => {
    const base = [object("a"), object("b")];
    const document = editObject({ ...EMPTY_DOCUMENT, objects: base }, "a");
    expect(document.draft.objectId).toBe("a");
    const draftWith = (theirs: readonly MaskObject[]) =>
      withTheirs(document, { base, theirs }, new Map()).draft;
    expect(draftWith([object("a", { name: "theirs" }), base[1]!])).toEqual({
      ...document.draft,
      objectId: null,
    });
    expect(draftWith([base[1]!])).toEqual({ ...document.draft, objectId: null });
    expect(draftWith([base[0]!])).toBe(document.draft);
    expect(draftWith([object("a"), object("b", { name: "theirs" })])).toBe(document.draft);
  });

  it("keeps to the object whose mask was being made anew when the page was left", () => {
    const theirs = [object("a"), object("b")];
    const { draft } = editObject({ ...EMPTY_DOCUMENT, objects: theirs }, "a");
    const reloaded = withTheirs({ ...EMPTY_DOCUMENT, draft }, { base: [], theirs }, new Map());
    expect(reloaded).toMatchObject({ objects: theirs, draft: { objectId: "a" } });
    expect(keepDraft(reloaded).objects.map(({ id }) => id)).toEqual(["a", "b"]);
  });
});

it("equal objects are found equal at once after sharing, and others are not shared", () => {
  assert(
    property(versions, ({ base, theirs }) => {
      const shared = sharing(theirs, base);
      expect(areSame(shared, theirs)).toBe(true);
      for (const each of shared)
        expect(each === of(base, each.id)).toBe(same(of(theirs, each.id), of(base, each.id)));
    }),
  );
});

it("lists are the same only with the same objects in the same order", () => {
  const [a, b] = [object("a"), object("b")];
  expect(areSame([a, b], [{ ...a }, { ...b }])).toBe(true);
  for (const others of [[b, a], [a], [a, b, b], [a, { ...b, name: "x" }], [a, { ...b, id: "c" }]])
    expect(areSame([a, b], others)).toBe(false);
});

it("fields of others count whatever their names and order", () => {
  const fields = dictionary(
    constantFrom("x", "y", "toString", "__proto__", "length"),
    constantFrom(1, "1", null),
  );
  assert(
    property(fields, fields, (some, others) => {
      const with_ = (extra: object) => object("a", { foreign: { extra: extra as never } });
      const reversed = Object.fromEntries(Object.entries(some).reverse());
      expect(same(with_(some), with_(reversed))).toBe(true);
      const isEqual =
        JSON.stringify(Object.entries(some).sort()) === JSON.stringify(Object.entries(others).sort());
      expect(same(with_(some), with_(others))).toBe(isEqual);
    }),
  );
});
