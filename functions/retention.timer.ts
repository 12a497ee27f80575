import { timerWorker } from '../shared/edge/timer-worker.ts';

timerWorker({
  name: 'retention',
  schedule: '0 30 2 * * *',
  handle: ({ services }) => services.privacy.retention.expire(),
});
