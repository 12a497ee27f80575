import type { Attributes, Meter } from '@opentelemetry/api';

/** Values of a label are declared, configured or few; nothing that a caller chooses is ever one. */
type Labels = Readonly<Record<string, string | number | undefined>>;

export interface Counter<L extends Labels> {
  add(amount: number, labels: L): void;
}

export interface Histogram<L extends Labels> {
  record(value: number, labels: L): void;
}

interface Described {
  readonly description: string;
  /** UCUM, such as `s`, or a count in braces, such as `{token}`. */
  readonly unit: string;
}

let meter: Meter | undefined;
/** Of the meter; instruments are declared before there is one. */
let made = new Map<string, unknown>();

/** Lets all instruments count from now on. Until then they cost a comparison. */
export function countWith(newMeter: Meter | undefined): void {
  meter = newMeter;
  made = new Map();
}

export function counter<L extends Labels>(name: string, described: Described): Counter<L> {
  return {
    add(amount, labels) {
      if (!meter) return;
      const instrument = madeOnce(name, meter, (from) => from.createCounter(name, described));
      instrument.add(amount, labels as Attributes);
    },
  };
}

/** `buckets` are the upper bounds, in the unit of the histogram. */
export function histogram<L extends Labels>(
  name: string,
  described: Described & { readonly buckets: readonly number[] },
): Histogram<L> {
  const { buckets, ...options } = described;
  const advice = { explicitBucketBoundaries: [...buckets] };
  return {
    record(value, labels) {
      if (!meter) return;
      const instrument = madeOnce(name, meter, (from) => from.createHistogram(name, { ...options, advice }));
      instrument.record(value, labels as Attributes);
    },
  };
}

function madeOnce<T>(name: string, from: Meter, make: (from: Meter) => T): T {
  const known = made.get(name) as T | undefined;
  if (known !== undefined) return known;
  const instrument = make(from);
  made.set(name, instrument);
  return instrument;
}
