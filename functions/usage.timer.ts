import { timerWorker } from '../shared/edge/timer-worker.ts';

timerWorker({
  name: 'usage-totals',
  schedule: '0 * * * * *',
  handle: ({ services }) => services.usage.totals.settle(),
});
