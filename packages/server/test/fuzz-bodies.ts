/** For tests: requests that nearly fit the contract, and some that don't at all. */
import { API_ERROR_STATUS, errorSchema, paths } from "@segany/server/contract";
import fc from "fast-check";
import { type Answer, type Question, send } from "./client.js";

/** What may stand where something else is meant. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    "",
    "NaN",
    -1,
    0,
    0.5,
    1e308,
    -1e308,
    2 ** 53,
    {},
    [],
    [[]],
    [null],
    "\u0000",
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ maxLength: 200 }),
);

const number = fc.oneof(
  fc.double({ min: -50, max: 150, noNaN: true }),
  fc.integer(),
  fc.double({ noNaN: true }),
);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const point = fc.tuple(number, number);
const inside = fc.tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 0, max: 63 }));
const label = fc.constantFrom(0, 1);

/** Prompts in which the numbers of points and labels agree, in part on the image. */
const points = fc
  .array(fc.tuple(fc.oneof({ weight: 4, arbitrary: inside }, { weight: 1, arbitrary: point }), label), {
    maxLength: 6,
  })
  .map((list) => ({ pointCoords: list.map(([at]) => at), pointLabels: list.map(([, value]) => value) }));

const prompt = fc
  .tuple(
    points,
    fc.record(
      {
        box: fc.oneof(fc.tuple(number, number, number, number), fc.constant([10, 10, 60, 50])),
        multimaskOutput: fc.boolean(),
        returnLowResLogits: fc.boolean(),
        maskInput: fc.string({ maxLength: 60 }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([given, more]) => ({ ...given, ...more }));

const settings = fc.record(
  {
    behaviour: fc.constantFrom("official", "paper", "fast"),
    pointsPerSide: fc.integer({ min: 1, max: 2 }),
    predIouThresh: share,
    stabilityScoreThresh: share,
    stabilityScoreOffset: fc.double({ min: 0, max: 100, noNaN: true }),
    boxNmsThresh: share,
    cropNLayers: fc.constant(0),
    cropNmsThresh: share,
    cropOverlapRatio: share,
    cropNPointsDownscaleFactor: fc.integer({ min: 1, max: 16 }),
    minMaskRegionArea: fc.integer({ min: 0, max: 100 }),
    floor: fc.record({ predIouThresh: share, stabilityScoreThresh: share }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const counts = fc.oneof(
  fc.constantFrom("", "0", "`6", "P6P6", "PPPPPPPPPP", "\u0000", "~~~~", "PPPPPPPPPPPPPPPPPPPPPPPPP0"),
  fc.string({ maxLength: 60 }),
  fc.string({
    unit: fc.integer({ min: 48, max: 111 }).map((code) => String.fromCharCode(code)),
    maxLength: 60,
  }),
);
const size = fc.oneof(fc.constant([64, 96]), fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer()));
const segmentation = fc.record({ size, counts });
const cutOut = fc.record(
  { segmentation, paddingPx: fc.integer({ min: 0, max: 512 }) },
  { requiredKeys: ["segmentation"] },
);
const kept = fc.record({
  image: fc.record({
    image_id: number,
    width: fc.constant(96),
    height: fc.constant(64),
    file_name: fc.string(),
  }),
  annotations: fc.array(fc.record({ segmentation, id: fc.jsonValue() }), { maxLength: 3 }),
});

/**
 * The value itself, mostly; else with a field that holds something odd, one more, one less, or something
 * else.
 */
function damaged(value: fc.Arbitrary<object>): fc.Arbitrary<unknown> {
  const changed = fc
    .tuple(value, fc.nat(), odd, fc.constantFrom("set", "add", "drop"), fc.string())
    .map(([whole, pick, other, how, name]) => {
      const keys = Object.keys(whole);
      const key = keys[pick % Math.max(1, keys.length)] ?? "x";
      const rest = Object.entries(whole).filter(([other]) => other !== key);
      if (how === "drop") return Object.fromEntries(rest);
      return { ...whole, [how === "add" ? name : key]: other };
    });
  return fc.oneof(
    { weight: 2, arbitrary: value },
    { weight: 5, arbitrary: changed },
    { weight: 1, arbitrary: odd },
  );
}

/** JSON with characters taken out or put in. */
function garbled(body: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const text = body.map((value) => JSON.stringify(value) ?? "");
  const cut = fc
    .tuple(text, fc.nat(), fc.string({ maxLength: 3 }))
    .map(([whole, at, more]) => whole.slice(0, at % (whole.length + 1)) + more);
  return fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: cut });
}

const query = fc
  .dictionary(
    fc.constantFrom("dtype", "maxSide", "predIouThresh", "stabilityScoreThresh", "boxNmsThresh", "x"),
    fc.oneof(
      fc.constantFrom("float16", "float32", "320", "0.5", "NaN", "1e9", ""),
      fc.string({ maxLength: 20 }),
    ),
    { maxKeys: 3 },
  )
  .map((fields) => `?${new URLSearchParams(fields)}`);

/** Requests about an image of 96 x 64 pixels and a job. */
export function fuzzedRequests(imageId: string, jobId: string): fc.Arbitrary<Question> {
  const headers = { "content-type": "application/json" };
  const withBody = (method: string, path: string, body: fc.Arbitrary<object>): fc.Arbitrary<Question> =>
    garbled(damaged(body)).map((text) => ({ method, path: `/${path}`, headers, body: text }));
  const read = (path: string): fc.Arbitrary<Question> => query.map((text) => ({ path: `/${path}${text}` }));
  return fc.oneof(
    { weight: 6, arbitrary: withBody("POST", paths.predict(imageId), prompt) },
    { weight: 4, arbitrary: withBody("POST", paths.segment(imageId), settings) },
    { weight: 3, arbitrary: withBody("POST", paths.cutOuts(imageId), cutOut) },
    { weight: 3, arbitrary: withBody("PUT", paths.masks(imageId), kept) },
    { weight: 1, arbitrary: read(paths.jobMasks(jobId)) },
    { weight: 1, arbitrary: read(paths.preview(imageId)) },
    { weight: 1, arbitrary: read(`v1/images/${imageId}/embedding`) },
  );
}

/**
 * Sends one, and says what is wrong with the answer: a fault of the server, or a refusal that is not of the
 * contract. Jobs that it starts are cancelled.
 */
export async function faultOf(address: string, question: Question): Promise<string | undefined> {
  const answer = await send(address, question);
  if (answer.status === 202) {
    await send(address, { method: "DELETE", path: `/${paths.job(JSON.parse(answer.text).id)}` });
  }
  return answer.status < 400 ? undefined : faultOfRefusal(answer);
}

function faultOfRefusal({ status, text }: Answer): string | undefined {
  const what = `${status} ${text.slice(0, 300)}`;
  if (status === 500) return what;
  try {
    return API_ERROR_STATUS[errorSchema.parse(JSON.parse(text)).code] === status ? undefined : what;
  } catch {
    return what;
  }
}
