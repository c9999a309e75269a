import { describe, expectTypeOf, it } from "vitest";
import type { DatasetOutput } from "../output.js";
import type { Dataset, DatasetRecord } from "../record.js";
import { cocoWriter } from "./coco/write-coco.js";
import type { DatasetFormat, DatasetWriter, ReadOptions, WriteOptions, WriteReport } from "./format.js";

describe("a data-set format's types", () => {
  it("ask for a name, a title, what it holds, and how it is detected, read and written", () => {
    type Required<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? never : Key }[keyof T];
    expectTypeOf<Required<DatasetFormat>>().toEqualTypeOf<
      "name" | "title" | "holds" | "detect" | "read" | "writer" | "write"
    >();
    expectTypeOf<keyof DatasetFormat>().toEqualTypeOf<
      Required<DatasetFormat> | "validate" | "writeAboveParts"
    >();
  });

  it("read and write every data set alike", () => {
    expectTypeOf<DatasetFormat["read"]>().toEqualTypeOf<
      (path: string, options?: ReadOptions) => Promise<Dataset>
    >();
    expectTypeOf<DatasetWriter["write"]>().toEqualTypeOf<
      (dataset: Dataset, output: DatasetOutput, options?: WriteOptions) => Promise<WriteReport>
    >();
    expectTypeOf<ReturnType<Dataset["records"]>>().toEqualTypeOf<AsyncIterable<DatasetRecord>>();
  });

  it("need no options", () => {
    expectTypeOf<object>().toExtend<ReadOptions>();
    expectTypeOf<object>().toExtend<WriteOptions>();
    expectTypeOf(cocoWriter).toExtend<DatasetWriter>();
  });
});
