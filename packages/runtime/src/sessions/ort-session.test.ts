import { type InferenceSession, Tensor, type TensorConstructor } from "onnxruntime-common";
import { expect, it } from "vitest";
import { wrapSession } from "./ort-session.js";

/** A session that doubles its input, and all tensors that went in and out. */
function doubling({ fails = false } = {}) {
  const seen: Tensor[] = [];
  const session = {
    inputNames: ["x"],
    outputNames: ["y"],
    async run({ x }: { readonly x: Tensor }) {
      seen.push(x);
      if (fails) throw new Error("out of memory");
      const y = new Tensor(
        "float32",
        Float32Array.from(x.data as Float32Array, (value) => 2 * value),
        x.dims,
      );
      seen.push(y);
      return { y };
    },
  };
  return { seen, session: wrapSession(session as unknown as InferenceSession, Tensor as TensorConstructor) };
}

const INPUT = { dtype: "float32", shape: [1, 3], data: Float32Array.of(1, 2, 3) } as const;

it("gives tensors back as soon as their values are taken", async () => {
  const { seen, session } = doubling();
  const { y } = await session.run({ x: INPUT });
  expect(y).toEqual({ dtype: "float32", shape: [1, 3], data: Float32Array.of(2, 4, 6) });
  expect(seen.map(({ location }) => location)).toEqual(["none", "none"]);
});

it("gives them back when the run fails too, and says why it failed", async () => {
  const { seen, session } = doubling({ fails: true });
  await expect(session.run({ x: INPUT })).rejects.toMatchObject({
    code: "inference-failed",
    message: expect.stringContaining("out of memory"),
  });
  expect(seen.map(({ location }) => location)).toEqual(["none"]);
});
