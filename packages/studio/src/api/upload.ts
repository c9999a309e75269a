import { type ImageInfo, imageInfoSchema } from "@segany/server/contract";
import { errorOf, parseAnswer, unreachable } from "./request.js";

/** A file on its way. */
export interface UploadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (bytesDone: number, bytesTotal: number) => void;
}

/**
 * Sends a file as `multipart/form-data`. An old kind of request, for `fetch` does not tell how much was sent.
 */
export function upload(
  url: string,
  file: Blob,
  name: string,
  { signal, onProgress }: UploadOptions,
): Promise<ImageInfo> {
  return new Promise((resolve, reject) => {
    const abort = () => request.abort();
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
    request.onload = () => {
      try {
        if (request.status >= 300) {
          throw errorOf(request.status, request.responseText, request.getResponseHeader("Retry-After"));
        }
        resolve(parseAnswer(request.responseText, imageInfoSchema));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", abort);
    const form = new FormData();
    form.append("file", file, name);
    signal.addEventListener("abort", abort);
    request.send(form);
    if (signal.aborted) abort();
  });
}
