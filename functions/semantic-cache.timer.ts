import { timerWorker } from '../shared/edge/timer-worker.ts';

timerWorker({
  name: 'semantic-cache-sweep',
  schedule: '0 20 * * * *',
  handle: ({ services }) => services.semanticCache.sweep(),
});
