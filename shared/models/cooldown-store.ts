/** Where instances tell each other which deployments are to be left alone. Times are milliseconds since the epoch. */
export interface CooldownStore {
  /** Until when, by the key of a deployment, which names its address too; what is over may be missing. */
  read(): Promise<ReadonlyMap<string, number>>;
  write(key: string, until: number): Promise<void>;
}
