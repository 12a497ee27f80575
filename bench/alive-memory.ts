import type { App, AppOptions } from '../local/stack.ts';
import { showProblem } from './private-stack.ts';

const TELL_ALIVE = new URL('./tell-alive.ts', import.meta.url).href;

export interface AliveMemory {
  /** With these the app can be asked. */
  readonly appOptions: AppOptions;
  /** Collects the app's garbage and gives what is left on its heap and in its buffers, in megabytes. */
  measure(app: App): Promise<number>;
}

export function createAliveMemory(): AliveMemory {
  let tell: (megabytes: number) => void = () => undefined;
  return {
    appOptions: {
      env: { NODE_OPTIONS: `--import ${TELL_ALIVE}` },
      onLine(line) {
        if (line.startsWith('{"aliveMegabytes"')) tell(Number(JSON.parse(line).aliveMegabytes));
        else showProblem(line);
      },
    },
    measure(app) {
      const told = Promise.withResolvers<number>();
      tell = told.resolve;
      process.kill(app.pid, 'SIGUSR2');
      return told.promise;
    },
  };
}
