/** What Label Studio asks of a model: configuration, images, prompts and masks. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { boxToRle } from "@segany/masks";
import { expect, onTestFinished, test } from "vitest";
import { openApp } from "../testing/open-app.js";
import { openTaskImage } from "./fetch-image.js";
import { readLabelConfig } from "./label-config.js";
import { readContext } from "./read-context.js";
import { toResult } from "./to-result.js";

const BRUSH = `<View><Image name='image' value="$photo"/>
  <BrushLabels name="a &amp; b" toName="image"><Label value="Pear"/></BrushLabels></View>`;
const POLYGON = `<View><Image value="$photo" name="image" zoom="true" />
  <PolygonLabels toName="image" name="outline"></PolygonLabels></View>`;
const SIZE = { width: 40, height: 20 };

test("masks go to a brush, else to polygons", () => {
  const image = { name: "image", field: "photo" };
  expect(readLabelConfig(BRUSH)).toEqual({ image, target: { name: "a & b", type: "brushlabels" } });
  expect(readLabelConfig(POLYGON).target).toEqual({ name: "outline", type: "polygonlabels" });
  expect(() => readLabelConfig("<View><Text name='t' value='$t'/></View>")).toThrow(/no Image/);
  expect(() => readLabelConfig('<Image name="i" value="$i"/>')).toThrow(/no BrushLabels or PolygonLabels/);
});

test("smart key points and rectangles are a prompt in pixels", () => {
  const point = (x: number, y: number, is_positive: boolean) => ({
    ...{ type: "keypointlabels", is_positive, value: { x, y, keypointlabels: ["Pear"] } },
  });
  expect(readContext({ result: [point(50, 10, true), point(25, 100, false)] }, SIZE)).toEqual({
    label: "Pear",
    request: {
      pointCoords: [
        [20, 2],
        [10, 20],
      ],
      pointLabels: [1, 0],
      multimaskOutput: false,
    },
  });
  const box = { type: "rectanglelabels", value: { x: 10, y: 10, width: 50, height: 50 } };
  expect(readContext({ result: [box] }, SIZE)?.request).toEqual({
    box: [4, 2, 24, 12],
    multimaskOutput: false,
  });
  expect(readContext({ result: [{ type: "brushlabels", value: {} }] }, SIZE)).toBeUndefined();
});

test("the best mask is a region in the project's own tags", () => {
  const maskOf = (predicted_iou: number, width: number) => {
    const { size, counts } = boxToRle([4, 2, width, 10] as never, SIZE);
    return {
      segmentation: { size: [...size] as [number, number], counts },
      area: 1,
      bbox: [0, 0, 1, 1],
      predicted_iou,
    };
  };
  const masks = [maskOf(0.5, 1), maskOf(0.9, 8)] as Parameters<typeof toResult>[0]["masks"];
  const polygon = toResult({ masks }, readLabelConfig(POLYGON), "Pear");
  expect(polygon.score).toBe(0.9);
  const [region] = polygon.result as [{ value: { points: number[][] } }];
  expect(region).toMatchObject({
    from_name: "outline",
    to_name: "image",
    original_width: 40,
    original_height: 20,
  });
  expect(region.value).toMatchObject({ closed: true, polygonlabels: ["Pear"] });
  expect(region.value.points.map(String).sort()).toEqual(["10,10", "10,60", "30,10", "30,60"]);
  const [brush] = toResult({ masks }, readLabelConfig(BRUSH), undefined).result as [
    { value: { rle: number[] } },
  ];
  expect(brush.value.rle.slice(0, 4)).toEqual([0, 0, 12, 128]); // 3,200 values: 40 x 20 pixels of four
});

test("only images of the Label Studio that the server was told of are fetched, with a fresh token", async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization);
    if (request.url === "/api/token/refresh") response.end('{"access":"fresh"}');
    else if (request.url === "/data/upload/a.png") response.end("pixels");
    else response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const read = async (address: string, token?: string) => {
    const parts = await (await openTaskImage(address, { url, token })).toArray();
    return Buffer.concat(parts).toString();
  };
  expect(await read("/data/upload/a.png", "a.b.c")).toBe("pixels");
  expect(await read(`${url}/data/upload/a.png`, "legacy")).toBe("pixels");
  expect(asked).toEqual([undefined, "Bearer fresh", "Token legacy"]);
  expect(await read("data:image/png;base64,cGl4ZWxz")).toBe("pixels");
  await expect(read("/elsewhere")).rejects.toThrow(/answered with 302/);
  await expect(read("http://169.254.169.254/latest")).rejects.toThrow(/only images there are fetched/);
  await expect(openTaskImage("/data/upload/a.png", undefined)).rejects.toThrow(/--label-studio/);
});

test("the routes answer as a model of Label Studio does", async () => {
  const { app } = await openApp();
  const headers = { host: "localhost" };
  const post = (path: string, payload: object) =>
    app.inject({ method: "POST", url: `/label-studio/${path}`, headers, payload });
  expect((await app.inject({ url: "/label-studio/health", headers })).json()).toMatchObject({ status: "UP" });
  expect((await post("setup", { project: "1.2", schema: BRUSH })).json().model_version).toMatch(/^segany /);
  expect((await post("webhook", { action: "ANNOTATION_CREATED" })).statusCode).toBe(201);
  const tasks = [{ id: 1, data: { photo: "/data/upload/a.png" } }];
  expect((await post("predict", { tasks, label_config: BRUSH })).json()).toEqual({ results: [] });
  const result = [{ type: "keypointlabels", value: { x: 1, y: 1 } }];
  const refused = await post("predict", { tasks, label_config: BRUSH, params: { context: { result } } });
  expect([refused.statusCode, refused.json().message ?? refused.body]).toEqual([
    400,
    expect.stringContaining("--label-studio"),
  ]);
});
