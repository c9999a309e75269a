import { describe, expectTypeOf, it } from "vitest";
import {
  boxXywhToXyxy,
  boxXyxyToXywh,
  isBoxNearCropEdge,
  metaToCocoBox,
  toExclusiveBox,
  uncropBox,
} from "./boxes.js";
import { cocoBox, exclusiveBox, imagePoint, inclusiveBox, metaBox, modelBox, modelPoint } from "./brands.js";
import type {
  Accepts,
  BoxXywh,
  BoxXyxy,
  CocoBoxXywh,
  ExclusiveBoxXyxy,
  ImagePoint,
  InclusiveBoxXyxy,
  MetaBoxXywh,
  ModelBoxXyxy,
  ModelPoint,
  Point,
} from "./frames.js";
import { boxOfRuns, boxXyxyOfRuns } from "./run-measures.js";
import { cropRuns } from "./run-operations.js";
import { emptyRuns } from "./runs.js";

// Held by the compiler: `npm run check` compiles tests, and a line that is expected to fail and doesn't is an
// error.

describe("brands of points and boxes", () => {
  it("refuse what is of another brand, and a plain array where a brand is needed", () => {
    type Branded =
      | ImagePoint
      | ModelPoint
      | InclusiveBoxXyxy
      | ExclusiveBoxXyxy
      | ModelBoxXyxy
      | CocoBoxXywh
      | MetaBoxXywh;
    /** All that can stand where `T` is needed. */
    type Fitting<T> = Extract<Branded | Point | BoxXyxy | BoxXywh, T>;
    expectTypeOf<Fitting<ImagePoint>>().toEqualTypeOf<ImagePoint>();
    expectTypeOf<Fitting<ModelPoint>>().toEqualTypeOf<ModelPoint>();
    expectTypeOf<Fitting<InclusiveBoxXyxy>>().toEqualTypeOf<InclusiveBoxXyxy>();
    expectTypeOf<Fitting<ExclusiveBoxXyxy>>().toEqualTypeOf<ExclusiveBoxXyxy>();
    expectTypeOf<Fitting<ModelBoxXyxy>>().toEqualTypeOf<ModelBoxXyxy>();
    expectTypeOf<Fitting<CocoBoxXywh>>().toEqualTypeOf<CocoBoxXywh>();
    expectTypeOf<Fitting<MetaBoxXywh>>().toEqualTypeOf<MetaBoxXywh>();
  });

  it("take plain arrays at the doors, but none of another brand", () => {
    expectTypeOf<Point>().toExtend<Accepts<ImagePoint>>();
    expectTypeOf<[number, number]>().toExtend<Accepts<ModelPoint>>();
    expectTypeOf<ImagePoint>().toExtend<Accepts<ImagePoint>>();
    expectTypeOf<ImagePoint>().not.toExtend<Accepts<ModelPoint>>();
    expectTypeOf<ModelPoint>().not.toExtend<Accepts<ImagePoint>>();
    expectTypeOf<[number, number, number, number]>().toExtend<Accepts<ExclusiveBoxXyxy>>();
    expectTypeOf<InclusiveBoxXyxy>().not.toExtend<Accepts<ExclusiveBoxXyxy>>();
    expectTypeOf<ModelBoxXyxy>().not.toExtend<Accepts<ExclusiveBoxXyxy>>();
    expectTypeOf<ExclusiveBoxXyxy>().not.toExtend<Accepts<ModelBoxXyxy>>();
    expectTypeOf<MetaBoxXywh>().not.toExtend<Accepts<CocoBoxXywh>>();
    expectTypeOf<CocoBoxXywh>().not.toExtend<Accepts<MetaBoxXywh>>();
    // A box and a point are told apart by their length.
    expectTypeOf<BoxXyxy>().not.toExtend<Accepts<ImagePoint>>();
  });

  it("can be read as plain arrays", () => {
    expectTypeOf<ImagePoint>().toExtend<Point>();
    expectTypeOf<MetaBoxXywh>().toExtend<BoxXywh>();
    const [x, y] = imagePoint([1, 2]);
    expectTypeOf(x).toEqualTypeOf<number>();
    expectTypeOf(y).toEqualTypeOf<number>();
  });

  it("follow from what a box was", () => {
    const [inclusive, exclusive] = [inclusiveBox([0, 0, 3, 3]), exclusiveBox([0, 0, 4, 4])];
    expectTypeOf(boxXyxyToXywh(inclusive)).toEqualTypeOf<MetaBoxXywh>();
    expectTypeOf(boxXyxyToXywh(exclusive)).toEqualTypeOf<CocoBoxXywh>();
    expectTypeOf(boxXyxyToXywh([0, 0, 4, 4])).toEqualTypeOf<BoxXywh>();
    expectTypeOf(boxXywhToXyxy(cocoBox([0, 0, 4, 4]))).toEqualTypeOf<ExclusiveBoxXyxy>();
    expectTypeOf(boxXywhToXyxy(metaBox([0, 0, 3, 3]))).toEqualTypeOf<InclusiveBoxXyxy>();
    expectTypeOf(uncropBox(inclusive, exclusive)).toEqualTypeOf<InclusiveBoxXyxy>();
    expectTypeOf(boxOfRuns).returns.toEqualTypeOf<CocoBoxXywh>();
    expectTypeOf(boxXyxyOfRuns).returns.toEqualTypeOf<InclusiveBoxXyxy>();
  });

  it("are asked for by the functions that mean one", () => {
    const runs = emptyRuns({ width: 4, height: 4 });
    cropRuns(runs, [0, 0, 4, 4]);
    cropRuns(runs, cocoBox([0, 0, 4, 4]));
    // @ts-expect-error Meta's box would cut off the last column and row.
    cropRuns(runs, metaBox([0, 0, 3, 3]));
    toExclusiveBox(inclusiveBox([0, 0, 3, 3]));
    // @ts-expect-error It is exclusive already.
    toExclusiveBox(exclusiveBox([0, 0, 4, 4]));
    // @ts-expect-error It is COCO's already.
    metaToCocoBox(cocoBox([0, 0, 4, 4]));
    // @ts-expect-error A crop ends after its last column.
    isBoxNearCropEdge([0, 0, 1, 1], inclusiveBox([0, 0, 3, 3]), [0, 0, 4, 4]);
    // @ts-expect-error A point of the model's frame is none of the image.
    imagePoint(modelPoint([1, 1]));
    // @ts-expect-error The model's frame has boxes of its own.
    modelBox(exclusiveBox([0, 0, 4, 4]));
  });
});
