import { timerWorker } from '../shared/edge/timer-worker.ts';

timerWorker({
  name: 'reconcile',
  schedule: '0 40 * * * *',
  handle: ({ services }) => services.reconcileAll(),
});
