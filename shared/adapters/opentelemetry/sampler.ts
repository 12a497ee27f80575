import { ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';

/**
 * Records a share of traces: all of a trace or nothing of it, also across queues, as the trace's id decides. What a caller
 * records is recorded. That a caller does not record is not followed: the Functions host says so of every call that it
 * does not itself record.
 */
export function createSampler(ratio: number): Sampler {
  const share = new TraceIdRatioBasedSampler(ratio);
  return new ParentBasedSampler({ root: share, remoteParentNotSampled: share });
}
