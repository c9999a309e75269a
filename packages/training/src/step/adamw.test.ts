import { describe, expect, it } from "vitest";
import { createAdamW, initialState } from "./adamw.js";

const parametersOf = (values: Record<string, { shape: number[]; data: number[] }>) =>
  new Map(
    Object.entries(values).map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]),
  );
const gradientsOf = (values: Record<string, number[]>) =>
  new Map(Object.entries(values).map(([key, data]) => [key, Float32Array.from(data)]));

const matrix = { shape: [1, 2], data: [1, -2] };

describe("AdamW", () => {
  it("moves each weight by the learning rate in its first step, against the gradient's sign", async () => {
    const optimizer = await createAdamW(initialState(parametersOf({ w: matrix })), { weightDecay: 0 });
    const norm = await optimizer.step(gradientsOf({ w: [3, -4] }), 0.1);
    expect(norm).toBeCloseTo(5, 6);
    const { data } = optimizer.parameters.get("w")!;
    expect(data[0]).toBeCloseTo(0.9, 6);
    expect(data[1]).toBeCloseTo(-1.9, 6);
    await optimizer.close();
  });

  it("follows the formulas over several steps", async () => {
    const [beta1, beta2, rate, decay] = [0.8, 0.9, 0.05, 0.3];
    const optimizer = await createAdamW(initialState(parametersOf({ w: matrix })), {
      betas: [beta1, beta2],
      weightDecay: decay,
      averageDecay: 0.7,
    });
    let [weight, first, second, average] = [1, 0, 0, 1];
    for (const [i, gradient] of [0.5, -0.25, 2, 0.1].entries()) {
      await optimizer.step(gradientsOf({ w: [gradient, 1] }), rate);
      first = beta1 * first + (1 - beta1) * gradient;
      second = beta2 * second + (1 - beta2) * gradient ** 2;
      const [m, v] = [first / (1 - beta1 ** (i + 1)), second / (1 - beta2 ** (i + 1))];
      weight = weight * (1 - rate * decay) - (rate * m) / (Math.sqrt(v) + 1e-8);
      average = 0.7 * average + 0.3 * weight;
    }
    expect(optimizer.parameters.get("w")!.data[0]).toBeCloseTo(weight, 5);
    expect(optimizer.averages().get("w")!.data[0]).toBeCloseTo(average, 5);
    await optimizer.close();
  });

  it("scales all gradients down together, and spares vectors from the decay", async () => {
    const start = parametersOf({ w: matrix, b: { shape: [1], data: [4] } });
    const [clipped, plain] = [
      await createAdamW(initialState(start), { clipNorm: 1, weightDecay: 0.5 }),
      await createAdamW(initialState(start), { weightDecay: 0.5 }),
    ];
    await clipped.step(gradientsOf({ w: [3, 0], b: [4] }), 0.1);
    await plain.step(gradientsOf({ w: [0.6, 0], b: [0.8] }), 0.1);
    for (const key of ["w", "b"])
      expect([...clipped.parameters.get(key)!.data]).toEqual([...plain.parameters.get(key)!.data]);
    expect(plain.parameters.get("w")!.data[1]).toBeCloseTo(-2 * 0.95, 6);
    expect(plain.parameters.get("b")!.data[0]).toBeCloseTo(3.9, 6);
    await Promise.all([clipped.close(), plain.close()]);
  });

  it("moves and decays a weight by its own rate", async () => {
    const start = parametersOf({ slow: matrix, w: matrix });
    const rateOf = (key: string) => (key === "slow" ? 0.5 : 1);
    const optimizer = await createAdamW(initialState(start), { weightDecay: 0.5, rateOf });
    await optimizer.step(gradientsOf({ slow: [3, 3], w: [3, 3] }), 0.1);
    const [slow, w] = ["slow", "w"].map((key) => optimizer.parameters.get(key)!.data[0]!);
    expect(slow).toBeCloseTo(1 * (1 - 0.05 * 0.5) - 0.05, 6);
    expect(w).toBeCloseTo(1 * (1 - 0.1 * 0.5) - 0.1, 6);
    await optimizer.close();
  });

  it.each([Number.NaN, Infinity])("refuses a gradient of %d, and leaves all as it is", async (value) => {
    const start = initialState(parametersOf({ w: matrix, b: { shape: [1], data: [4] } }));
    const optimizer = await createAdamW(start);
    await expect(optimizer.step(gradientsOf({ w: [1, 1], b: [value] }), 0.1)).rejects.toMatchObject({
      code: "training-diverged",
      message: expect.stringContaining("step 1"),
    });
    expect(optimizer.state()).toEqual(start);
    await optimizer.close();
  });

  it("goes on from a saved state to the very same weights", async () => {
    const gradients = [
      [0.3, 1],
      [-2, 0.5],
      [1, 1],
    ].map((w) => gradientsOf({ w }));
    const whole = await createAdamW(initialState(parametersOf({ w: matrix })));
    for (const each of gradients) await whole.step(each, 0.1);
    const before = await createAdamW(initialState(parametersOf({ w: matrix })));
    await before.step(gradients[0]!, 0.1);
    const after = await createAdamW(before.state());
    for (const each of gradients.slice(1)) await after.step(each, 0.1);
    expect(after.state()).toEqual(whole.state());
    await Promise.all([whole.close(), before.close(), after.close()]);
  });
});
