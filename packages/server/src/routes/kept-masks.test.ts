import { parseSa1b } from "@segany/dataset/formats";
import { compressRle } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keptMasksSchema } from "../contract/masks.js";
import { type OpenedApp, openApp } from "../testing/open-app.js";

/** Run lengths that fill the image of 6 x 5 pixels. */
const counts = compressRle({ size: [5, 6], counts: [6, 3, 21] }).counts;
const mask = `"segmentation":{"size":[5,6],"counts":${JSON.stringify(counts)}}`;
const image = '"image_id":1,"width":6,"height":5,"file_name":"a.png"';
const documentOf = (annotation: string, more = "") =>
  `{"image":{${image}${more}},"annotations":[{"id":1,${mask}},${annotation}]}`;

function put({ app, image: { id } }: OpenedApp, payload: string | Buffer) {
  const headers = { host: "localhost", "content-type": "application/json" };
  return app.inject({ method: "PUT", url: `/v1/images/${id}/masks`, headers, payload });
}

function get({ app, image: { id } }: OpenedApp) {
  return app.inject({ url: `/v1/images/${id}/masks`, headers: { host: "localhost" } });
}

describe("masks that are kept", () => {
  test.each([
    [
      "the fields of the studio",
      `{"id":2,${mask},"area":3,"bbox":[1,1,1,3],"name":"a","prompt":{"points":[[1,2,1]],"box":null}}`,
    ],
    ["a zero below zero", `{"id":2,${mask},"own":-0}`],
    [
      "more digits than a double has",
      `{"id":2,${mask},"own":[12345678901234567890123,0.1000000000000000055511]}`,
    ],
    ["numbers in other spellings", `{"id":2,${mask},"own":[1e2,1.50,1E-400]}`],
    ["half a surrogate pair", `{"id":2,${mask},"own":"\\ud800 \\udc00x"}`],
    ["escapes and space", `{ "id" : 2,\n${mask}, "\\u0061" : "\\u00e9\\/" }`],
    ["names in an order that objects don't keep", `{"id":2,${mask},"10":1,"9":2,"b":0}`],
    ["names of things that all objects have", `{"id":2,${mask},"toString":1,"hasOwnProperty":2}`],
    ["much within each other", `{"id":2,${mask},"own":${"[".repeat(60)}1${"]".repeat(60)}}`],
  ])("are given back to the byte: %s", async (_, annotation) => {
    const opened = await openApp();
    const text = documentOf(annotation);
    expect((await put(opened, text)).statusCode).toBe(204);
    const answer = await get(opened);
    expect([answer.statusCode, answer.body]).toEqual([200, text]);
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
  });

  test("are given back with the fields of their document and image", async () => {
    const opened = await openApp();
    const text = `{"info":{"by":"me"},"image":{${image},"own":1},"annotations":[],"own":[-0]}`;
    expect((await put(opened, text)).statusCode).toBe(204);
    expect((await get(opened)).body).toBe(text);
  });

  test("may have UUIDs, each its own, in any of their spellings", async () => {
    const opened = await openApp();
    const uuids = ["0b0e7d2c-6f5a-4c3b-9d1e-2f3a4b5c6d7e", "0B0E7D2C-6F5A-4C3B-9D1E-2F3A4B5C6D7F"];
    const text = `{"image":{${image}},"annotations":[${uuids.map((uuid, id) => `{"id":${id},"uuid":"${uuid}",${mask}}`)}]}`;
    expect((await put(opened, text)).statusCode).toBe(204);
    expect((await get(opened)).body).toBe(text);
  });

  test("are given back without a byte order mark", async () => {
    const opened = await openApp();
    const text = documentOf(`{"id":2,${mask}}`);
    expect((await put(opened, `\ufeff${text}`)).statusCode).toBe(204);
    expect((await get(opened)).body).toBe(text);
  });

  test("are refused with the key __proto__, however deep it is", async () => {
    const opened = await openApp();
    const { statusCode } = await put(opened, documentOf(`{"id":2,${mask},"own":[{"__proto__":false}]}`));
    expect(statusCode).toBe(400);
  });

  test("can be read by every reader when they were taken, whatever their own fields", async () => {
    const opened = await openApp();
    const own = fc.dictionary(
      fc.string().filter((name) => name !== "__proto__"),
      fc
        .oneof(
          fc.json({ maxDepth: 3 }).filter((text) => !text.includes("__proto__")),
          fc.constantFrom("1e400", "-1e400", "-0", "1e-400"),
        )
        .map((text) => ({ text })),
    );
    await fc.assert(
      fc.asyncProperty(own, async (fields) => {
        const members = Object.entries(fields).map(([name, { text }]) => `,${JSON.stringify(name)}:${text}`);
        const sent = documentOf(`{"id":2,${mask}${members.join("")}}`);
        const { statusCode, body } = await put(opened, sent);
        if (statusCode !== 204) {
          expect([statusCode, body]).toEqual([422, expect.stringMatching(/annotations\.1/)]);
          return;
        }
        const { body: kept } = await get(opened);
        expect(kept).toBe(sent);
        expect(keptMasksSchema.safeParse(JSON.parse(kept)).success).toBe(true);
        expect(parseSa1b(JSON.parse(kept), "x").annotations).toHaveLength(2);
        expect(kept).not.toMatch(/1e400/);
      }),
      { numRuns: 60 },
    );
  });
});

describe("masks that nobody could read are refused with their place", () => {
  const rle = (counts: string, size = "[5,6]") =>
    `{"id":2,"segmentation":{"size":${size},"counts":${counts}}}`;
  test.each<[string, string, string | RegExp]>([
    ["letters that are no run lengths", rle('"hello"'), "annotations.1"],
    ["run lengths for fewer pixels", rle('"5"'), /annotations\.1.*cover 5 pixels/],
    ["run lengths for more pixels", rle('"9999"'), /annotations\.1.*cover/],
    ["run lengths that are cut off", rle(`"${counts}P"`), "annotations.1"],
    ["no run lengths", rle('""'), "annotations.1"],
    ["run lengths of another size", rle('"n0"', "[6,5]"), /annotations\.1.*is not the image's/],
    [
      "few bytes that claim a gigapixel",
      rle('"PPPPPPP"', "[40000,40000]"),
      /annotations\.1.*is not the image's/,
    ],
    ["run lengths as a list", rle("[30]"), "annotations.1"],
    ["outlines", '{"id":2,"segmentation":[[1,1,4,1,4,4]]}', "annotations.1"],
    ["no mask", '{"id":2}', "annotations.1"],
    ["no number", `{${mask}}`, /annotations\.1.*: id:/],
    ["half a number", `{"id":1.5,${mask}}`, /annotations\.1.*: id:/],
    ["a number that no double holds", `{"id":2,${mask},"own":{"x":[0,1e400]}}`, "annotations.1.own.x.1"],
    ["a number below all doubles", `{"id":2,${mask},"area":-1e999}`, "annotations.1"],
    ["a box that is none", `{"id":2,${mask},"bbox":[1,2,3]}`, /annotations\.1.*bbox/],
    ["points that are none", `{"id":2,${mask},"point_coords":[1]}`, /annotations\.1.*point_coords/],
    ["a score in words", `{"id":2,${mask},"predicted_iou":"good"}`, /annotations\.1.*predicted_iou/],
    ["a name twice", `{"id":2,${mask},"own":{"a":1,"\\u0061":2}}`, "annotations.1.own.a"],
    ["a mask twice", `{"id":2,"segmentation":{},${mask}}`, "annotations.1.segmentation"],
    ["a UUID that is none", `{"id":2,"uuid":"pear",${mask}}`, /annotations\.1.*: uuid:/],
    ["a UUID that is a number", `{"id":2,"uuid":7,${mask}}`, /annotations\.1.*: uuid:/],
    ["a UUID that is null", `{"id":2,"uuid":null,${mask}}`, /annotations\.1.*: uuid:/],
    ["a list", "[]", "annotations.1"],
    ["null", "null", "annotations.1"],
  ])("%s", async (_, annotation, place) => {
    const opened = await openApp();
    const { statusCode, body } = await put(opened, documentOf(annotation));
    const { code, message } = JSON.parse(body);
    expect([statusCode, code]).toEqual([422, "mask-invalid"]);
    expect(message).toMatch(place);
    expect((await get(opened)).statusCode).toBe(204);
  });

  test.each([
    [
      "an image of another size",
      `{"image":{"image_id":1,"width":7,"height":5,"file_name":"a.png"},"annotations":[]}`,
    ],
    [
      "an image with a path",
      `{"image":{"image_id":1,"width":6,"height":5,"file_name":"../a.png"},"annotations":[]}`,
    ],
    ["an image without a number", `{"image":{"width":6,"height":5,"file_name":"a.png"},"annotations":[]}`],
    [
      "an image with half a number",
      `{"image":{"image_id":0.5,"width":6,"height":5,"file_name":"a.png"},"annotations":[]}`,
    ],
    ["an image field that no double holds", `{"image":{${image},"own":1e400},"annotations":[]}`],
    ["a field beside the two that no double holds", `{"image":{${image}},"annotations":[],"own":[1e400]}`],
    ["an image twice", `{"image":{${image}},"image":{${image}},"annotations":[]}`],
    ["no annotations", `{"image":{${image}}}`],
    ["a list", "[]"],
  ])("%s", async (_, text) => {
    const opened = await openApp();
    const { statusCode } = await put(opened, text);
    expect(statusCode).toBe(422);
    expect((await get(opened)).statusCode).toBe(204);
  });

  test("two objects with one UUID, in capitals or not", async () => {
    const opened = await openApp();
    const uuid = "0b0e7d2c-6f5a-4c3b-9d1e-2f3a4b5c6d7e";
    for (const again of [uuid, uuid.toUpperCase()]) {
      const of = (id: number, which: string) => `{"id":${id},"uuid":"${which}",${mask}}`;
      const answer = await put(opened, documentOf(`${of(2, uuid)},${of(3, again)}`));
      expect([answer.statusCode, answer.json().code]).toEqual([422, "mask-invalid"]);
      expect(answer.json().message).toMatch(/annotations\.2.*annotations\.1/);
    }
    expect((await get(opened)).statusCode).toBe(204);
  });

  test("a body that is not there", async () => {
    const opened = await openApp();
    const {
      app,
      image: { id },
    } = opened;
    const answer = await app.inject({
      method: "PUT",
      url: `/v1/images/${id}/masks`,
      headers: { host: "localhost" },
    });
    expect(answer.statusCode).toBe(400);
  });
});

describe("a mask to be cut out", () => {
  test.each([
    ["few bytes that claim a gigapixel", [32_768, 32_768], "PPPPPPP"],
    ["the largest sides", [65_535, 65_535], "1"],
    ["the sides the wrong way round", [6, 5], "n0"],
  ])("of another size than its image never gets to a worker: %s", async (_, size, text) => {
    const {
      app,
      image: { id },
      worker,
    } = await openApp();
    const answer = await app.inject({
      method: "POST",
      url: `/v1/images/${id}/cut-outs`,
      headers: { host: "localhost", "content-type": "application/json" },
      payload: JSON.stringify({ segmentation: { size, counts: text } }),
    });
    expect([answer.statusCode, answer.json().code]).toEqual([422, "mask-invalid"]);
    expect(answer.json().message).toMatch(/the image's is \[5, 6\]/);
    expect(worker.calls).toHaveLength(0);
  });
});
