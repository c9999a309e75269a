import { z } from "zod";

/**
 * Every code that an error response can have, with its HTTP status. The set is closed: a client may switch
 * over it.
 */
export const API_ERROR_STATUS = {
  "bad-request": 400,
  unauthorized: 401,
  forbidden: 403,
  "forbidden-host": 403,
  "forbidden-origin": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "request-timeout": 408,
  conflict: 409,
  "lock-lost": 409,
  gone: 410,
  "precondition-failed": 412,
  "payload-too-large": 413,
  "unsupported-media-type": 415,
  "body-invalid": 422,
  "image-too-large": 422,
  "image-unreadable": 422,
  "mask-invalid": 422,
  "option-invalid": 422,
  "prompt-invalid": 422,
  "text-unavailable": 422,
  "text-unknown": 422,
  "precondition-required": 428,
  "too-many-requests": 429,
  "headers-too-large": 431,
  internal: 500,
  overloaded: 503,
  starting: 503,
  stopping: 503,
  "store-failed": 503,
  "storage-full": 507,
} as const;

export type ApiErrorCode = keyof typeof API_ERROR_STATUS;

const codes = Object.keys(API_ERROR_STATUS) as [ApiErrorCode, ...ApiErrorCode[]];

/** The body of every error response. */
export const errorSchema = z.strictObject({
  code: z.enum(codes),
  /** What is wrong, with the value, and what to do. */
  message: z.string(),
});

export type ApiErrorBody = z.infer<typeof errorSchema>;
