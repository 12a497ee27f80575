import { type Logger as PinoLogger, pino } from 'pino';
import { currentInvocation } from './invocation.ts';
import { redact } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Structured logs: an event is a fixed phrase, everything variable is a field. */
export interface Logger {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

type Fields = Readonly<Record<string, unknown>>;

function createPino(level: LogLevel, write: (line: string) => void): PinoLogger {
  return pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...currentInvocation() }),
    },
    { write },
  );
}

/** A logger that writes one JSON line an event. `write` receives each line with its line end. */
export function createLogger(
  level: LogLevel,
  write: (line: string) => void = (line) => process.stdout.write(line),
): Logger {
  const target = createPino(level, write);
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: Fields = {}) => {
      if (target.isLevelEnabled(name)) target[name](redact(fields), event);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
