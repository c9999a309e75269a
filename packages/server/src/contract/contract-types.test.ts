import type { MaskRecordJson, Rle } from "@segany/masks";
import type {
  EmbeddingDtype as LibraryDtype,
  FeatureShapes as LibraryShapes,
  MaskGeneratorOptions,
  SelectionOptions,
} from "@segany/sam";
import { describe, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type {
  API_ERROR_STATUS,
  ApiErrorBody,
  ApiErrorCode,
  EmbeddingDtype,
  FeatureShapes,
  ImageInfo,
  imageInfoSchema,
  Job,
  JobEvent,
  jobSchema,
  KeptMasks,
  MaskList,
  ModelDescription,
  modelInfoSchema,
  PredictRequest,
  PredictResponse,
  SegmentRequest,
  SelectionQuery,
} from "./index.js";

describe("the contract's types", () => {
  it("are those of its schemas", () => {
    expectTypeOf<Job>().toEqualTypeOf<z.infer<typeof jobSchema>>();
    expectTypeOf<ImageInfo>().toEqualTypeOf<z.infer<typeof imageInfoSchema>>();
    expectTypeOf<ModelDescription>().toEqualTypeOf<z.infer<typeof modelInfoSchema>>();
    expectTypeOf<ApiErrorBody["code"]>().toEqualTypeOf<ApiErrorCode>();
    expectTypeOf<ApiErrorCode>().toEqualTypeOf<keyof typeof API_ERROR_STATUS>();
  });

  it("are the library's where a value passes through", () => {
    expectTypeOf<EmbeddingDtype>().toEqualTypeOf<LibraryDtype>();
    expectTypeOf<FeatureShapes>().toEqualTypeOf<LibraryShapes>();
    expectTypeOf<MaskList["masks"][number]>().toExtend<MaskRecordJson<Rle>>();
    expectTypeOf<PredictResponse["masks"][number]["segmentation"]>().toExtend<Rle>();
    expectTypeOf<KeptMasks["annotations"][number]["segmentation"]>().toExtend<Rle>();
  });

  it("have every option of everything mode that fits a request", () => {
    type NotSent = "pointsPerBatch" | "pointGrids" | "outputMode";
    type Sent = Exclude<keyof MaskGeneratorOptions, NotSent>;
    expectTypeOf<Exclude<keyof SegmentRequest, "floor">>().toEqualTypeOf<Sent>();
    expectTypeOf<keyof SelectionQuery>().toEqualTypeOf<keyof SelectionOptions>();
    expectTypeOf<NonNullable<SelectionQuery[keyof SelectionQuery]>>().toEqualTypeOf<number>();
  });

  it("leave every field of a prompt out, or null", () => {
    expectTypeOf<object>().toExtend<PredictRequest>();
    expectTypeOf<{ box: null; maskInput: null }>().toExtend<PredictRequest>();
    expectTypeOf<NonNullable<PredictRequest["pointLabels"]>[number]>().toEqualTypeOf<0 | 1>();
    expectTypeOf<NonNullable<PredictRequest["box"]>>().toEqualTypeOf<[number, number, number, number]>();
  });

  it("tell events apart by their name", () => {
    expectTypeOf<JobEvent["event"]>().toEqualTypeOf<
      "state" | "progress" | "masks" | "done" | "failed" | "cancelled"
    >();
    expectTypeOf<Extract<JobEvent, { event: "masks" }>["data"]>().toEqualTypeOf<MaskList>();
    expectTypeOf<Job["state"]>().toEqualTypeOf<"queued" | "running" | "done" | "failed" | "cancelled">();
  });
});
