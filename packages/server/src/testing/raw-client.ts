import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A connection on which a test writes and reads raw bytes; closed after the test. */
export interface RawClient {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** All received bytes, when the server has closed the connection. */
  readonly ended: Promise<string>;
}

export function openRaw(port: number, bytes: string | Uint8Array = ""): RawClient {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  const ended = new Promise<string>((resolve) => {
    socket.on("error", () => undefined).once("close", () => resolve(text));
  });
  return { socket, write: (more) => void socket.write(more), ended };
}

/** Parses the only response on a connection. */
export function partsOf(text: string): { status: number; headers: Record<string, string>; body: string } {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [line = "", ...lines] = head.split("\r\n");
  const headers = lines.map((each) => /^([^:]+): (.*)$/.exec(each)!.slice(1) as [string, string]);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body,
  };
}
