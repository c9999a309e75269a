/** A two-way channel of structured messages: a child process, a worker, or two ends in one process. */
export interface Channel<Out, In> {
  /** `transfer` names memory that may be moved to the other side instead of copied, where the channel can. */
  send(message: Out, transfer?: readonly ArrayBufferLike[]): void;
  onMessage(listener: (message: In) => void): void;
  /** Called once when the other side is gone. */
  onClose(listener: (reason: string) => void): void;
  /** Ends the other side at once, whatever it is doing. */
  kill(): void;
}
