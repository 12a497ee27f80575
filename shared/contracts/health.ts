import { z } from 'zod';

export const Liveness = z.object({ status: z.literal('ok') }).meta({ id: 'Liveness' });

export const DependencyHealth = z.object({
  name: z.string(),
  status: z.enum(['up', 'down']),
  latencyMilliseconds: z.number(),
  advice: z.string().optional().meta({ description: 'What to do about it' }),
});
export type DependencyHealth = z.infer<typeof DependencyHealth>;

export const Readiness = z
  .object({ status: z.enum(['ready', 'not-ready']), dependencies: z.array(DependencyHealth) })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof Readiness>;
