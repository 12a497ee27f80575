import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Tool } from '../tool.ts';

const TIMEOUT_MILLISECONDS = 1_000;
const MAX_CHARACTERS = 200;
const MAX_TIME_ZONE_CHARACTERS = 64;

const Input = z.strictObject({
  timeZone: z
    .string()
    .max(MAX_TIME_ZONE_CHARACTERS)
    .optional()
    .describe('An IANA name such as `Europe/Berlin`. Left out: UTC'),
});

/** Tells date and time, which a model cannot know. */
export function currentTime(now: () => Date): Tool<z.infer<typeof Input>> {
  return {
    name: 'current_time',
    description: 'The date, weekday and time now, in a time zone.',
    input: Input,
    defaultPermission: 'allow',
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    maxResultCharacters: MAX_CHARACTERS,
    run: async ({ timeZone = 'UTC' }) => {
      const at = now();
      return { text: `${localTime(at, timeZone)} (${timeZone}); ${at.toISOString()} in UTC` };
    },
  };
}

function localTime(at: Date, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full', timeStyle: 'long' }).format(at);
  } catch (cause) {
    throw new AppError('validation_failed', 'There is no such time zone. Use an IANA name.', { cause });
  }
}
