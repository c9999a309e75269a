/** Gradients of operators that work element by element. The formulas are the derivatives of calculus. */
import type { GraphBuilder } from "../builder.js";
import {
  add,
  cast,
  cos,
  div,
  erf,
  exp,
  greater,
  mul,
  neg,
  sigmoid,
  sin,
  sub,
  tanh,
  where,
} from "../ops/elementwise.js";
import type { Value } from "../types.js";
import { type GradientRule, ruleOf } from "./rule.js";
import { sumTo } from "./shapes.js";

export const addRule = ruleOf(
  (g, gradient, [a]) => sumTo(g, gradient, a!.shape),
  (g, gradient, [, b]) => sumTo(g, gradient, b!.shape),
);

export const subRule = ruleOf(
  (g, gradient, [a]) => sumTo(g, gradient, a!.shape),
  (g, gradient, [, b]) => neg(g, sumTo(g, gradient, b!.shape)),
);

export const mulRule = ruleOf(
  (g, gradient, [a, b]) => sumTo(g, mul(g, gradient, b!), a!.shape),
  (g, gradient, [a, b]) => sumTo(g, mul(g, gradient, a!), b!.shape),
);

export const divRule = ruleOf(
  (g, gradient, [a, b]) => sumTo(g, div(g, gradient, b!), a!.shape),
  (g, gradient, [, b], quotient) => neg(g, sumTo(g, div(g, mul(g, gradient, quotient), b!), b!.shape)),
);

/** Of a function of one argument: the gradient times the derivative, from the argument and the result. */
const chain = (derivative: (g: GraphBuilder, x: Value, y: Value) => Value): GradientRule =>
  ruleOf((g, gradient, [x], y) => mul(g, gradient, derivative(g, x!, y)));

export const negRule = ruleOf((g, gradient) => neg(g, gradient));
export const sinRule = chain((g, x) => cos(g, x));
export const cosRule = chain((g, x) => neg(g, sin(g, x)));
export const expRule = chain((_, __, y) => y);
export const logRule = ruleOf((g, gradient, [x]) => div(g, gradient, x!));
export const sqrtRule = ruleOf((g, gradient, _, y) => div(g, gradient, mul(g, g.scalar(2), y)));
export const tanhRule = chain((g, _, y) => sub(g, g.scalar(1), mul(g, y, y)));
export const sigmoidRule = chain((g, _, y) => mul(g, y, sub(g, g.scalar(1), y)));
export const softplusRule = chain((g, x) => sigmoid(g, x));
export const erfRule = chain((g, x) =>
  mul(g, g.scalar(2 / Math.sqrt(Math.PI)), exp(g, neg(g, mul(g, x, x)))),
);

/** Zero at zero, as PyTorch has it. */
export const reluRule = ruleOf((g, gradient, _, y) =>
  where(g, greater(g, y, g.scalar(0)), gradient, g.scalar(0)),
);

/** Zero at the bounds, as ReLU at zero. */
export const clipRule = ruleOf((g, gradient, [, least, most], y) =>
  where(g, greater(g, y, least!), where(g, greater(g, most!, y), gradient, g.scalar(0)), g.scalar(0)),
);

export const whereRule: GradientRule = (g, { inputs, gradients, needs }) => {
  const [condition, a, b] = inputs as Value[];
  const zero = g.scalar(0);
  return [
    undefined,
    needs[1] ? sumTo(g, where(g, condition!, gradients[0]!, zero), a!.shape) : undefined,
    needs[2] ? sumTo(g, where(g, condition!, zero, gradients[0]!), b!.shape) : undefined,
  ];
};

export const castRule = ruleOf((g, gradient, [x]) => cast(g, gradient, x!.dtype));

/** Φ(x) + x·φ(x), with the normal distribution's Φ and density φ; or the derivative of the tanh formula. */
export const geluRule = ruleOf((g, gradient, [x], _, { attributes }) => {
  const { approximate } = attributes;
  const isTanh = approximate?.kind === "string" && approximate.value === "tanh";
  return mul(g, gradient, isTanh ? tanhGeluSlope(g, x!) : erfGeluSlope(g, x!));
});

function erfGeluSlope(g: GraphBuilder, x: Value): Value {
  const below = add(g, mul(g, erf(g, mul(g, x, g.scalar(Math.SQRT1_2))), g.scalar(0.5)), g.scalar(0.5));
  const density = exp(g, mul(g, mul(g, x, x), g.scalar(-0.5)));
  return add(g, below, mul(g, mul(g, x, g.scalar(1 / Math.sqrt(2 * Math.PI))), density));
}

function tanhGeluSlope(g: GraphBuilder, x: Value): Value {
  const [scale, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = mul(g, x, x);
  const inner = mul(g, x, add(g, g.scalar(scale), mul(g, square, g.scalar(scale * cubic))));
  const t = tanh(g, inner);
  const innerSlope = add(g, g.scalar(scale), mul(g, square, g.scalar(3 * scale * cubic)));
  const rest = mul(g, mul(g, x, sub(g, g.scalar(1), mul(g, t, t))), innerSlope);
  return mul(g, g.scalar(0.5), add(g, add(g, t, g.scalar(1)), rest));
}
