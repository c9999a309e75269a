/** For tests: plain HTTP, and the calls of the contract with every answer held against its schema. */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import {
  API_ERROR_STATUS,
  type ApiErrorCode,
  errorSchema,
  type ImageInfo,
  imageInfoSchema,
  type Job,
  jobSchema,
  type PredictRequest,
  type PredictResponse,
  paths,
  predictResponseSchema,
  type SegmentRequest,
} from "@segany/server/contract";
import { expect } from "vitest";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Question {
  readonly method?: string;
  /** Sent as it is: nothing is resolved or escaped. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** Sends a request as it stands. An answer that comes before all of the body was taken counts. */
export function send(address: string, question: Question): Promise<Answer> {
  const { hostname, port } = new URL(address);
  const { method = "GET", path, headers = {}, body } = question;
  // a client that wants to close is cut off when it sends too much
  const agent = new Agent({ keepAlive: true });
  return new Promise((resolve, reject) => {
    let answered = false;
    const request = httpRequest({ hostname, port, method, path, headers, agent }, (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      const finish = () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole,
          text: whole.toString(),
        });
        agent.destroy();
      };
      response.on("end", finish);
      response.on("error", finish);
    });
    request.on("error", (error) => {
      if (!answered) reject(error);
    });
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) request.end(body);
    else void stream(request, body, () => answered);
  });
}

async function stream(
  request: ReturnType<typeof httpRequest>,
  body: AsyncIterable<Uint8Array>,
  isAnswered: () => boolean,
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    request.once("response", () => resolve());
    request.once("close", resolve);
  });
  for await (const chunk of body) {
    if (isAnswered() || request.destroyed) return;
    if (request.write(chunk)) continue;
    await Promise.race([new Promise<void>((resolve) => request.once("drain", resolve)), ended]);
  }
  request.end();
}

/** A JSON body with its header, to be spread into a question. */
export function json(value: unknown): Pick<Question, "headers" | "body"> {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** A multipart body with one file, to be spread into a question. */
export function multipart(
  bytes: Uint8Array,
  { name = "image.png", field = "file" } = {},
): Pick<Question, "headers" | "body"> {
  const boundary = "----segany-test-boundary";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

/** Holds an answer to be an error of the contract with this code, and its status to be the code's. */
export function expectError(answer: Answer, ...codes: ApiErrorCode[]): void {
  const { code, message } = errorSchema.parse(JSON.parse(answer.text));
  expect(codes, message).toContain(code);
  expect(answer.status).toBe(API_ERROR_STATUS[code]);
  expect(message.length).toBeGreaterThan(10);
  if (answer.status === 429 || answer.status === 503) {
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  }
}

/** The calls of the contract that tests make often; each expects success. */
export function createClient(address: string) {
  const ask = async (status: number, question: Question): Promise<unknown> => {
    const answer = await send(address, question);
    expect(answer.status, answer.text.slice(0, 500)).toBe(status);
    return JSON.parse(answer.text);
  };
  return {
    async upload(bytes: Uint8Array, name?: string): Promise<ImageInfo> {
      const body = multipart(bytes, name === undefined ? {} : { name });
      return imageInfoSchema.parse(await ask(201, { method: "POST", path: `/${paths.images()}`, ...body }));
    },
    async image(id: string): Promise<ImageInfo> {
      return imageInfoSchema.parse(await ask(200, { path: `/${paths.image(id)}` }));
    },
    async predict(id: string, request: PredictRequest): Promise<PredictResponse> {
      const path = `/${paths.predict(id)}`;
      return predictResponseSchema.parse(await ask(200, { method: "POST", path, ...json(request) }));
    },
    async segment(id: string, request: SegmentRequest): Promise<Job> {
      const path = `/${paths.segment(id)}`;
      return jobSchema.parse(await ask(202, { method: "POST", path, ...json(request) }));
    },
    async job(id: string): Promise<Job> {
      return jobSchema.parse(await ask(200, { path: `/${paths.job(id)}` }));
    },
    async cancel(id: string): Promise<Job> {
      return jobSchema.parse(await ask(200, { method: "DELETE", path: `/${paths.job(id)}` }));
    },
  };
}

export type Client = ReturnType<typeof createClient>;
