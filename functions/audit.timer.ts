import { timerWorker } from '../shared/edge/timer-worker.ts';

timerWorker({
  name: 'audit-seal',
  schedule: '0 */10 * * * *',
  handle: ({ services }) => services.audit.seal(),
});
