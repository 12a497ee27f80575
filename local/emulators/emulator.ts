/** A local stand-in for one cloud service, reachable over the wire until it is stopped. */
export interface Emulator {
  /** Base URL without a trailing slash, e.g. `http://127.0.0.1:6333`. */
  readonly url: string;
  /** Saves what must survive and closes every socket. Safe to call twice. */
  stop(): Promise<void>;
}

/** Where an emulator listens and keeps its state. */
export interface EmulatorOptions {
  /** TCP port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** A folder of its own; created when missing. */
  readonly stateDirectory: string;
}
