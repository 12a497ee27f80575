import type { IncomingMessage, ServerResponse } from 'node:http';
import { resourceNotFound } from './errors.ts';
import { type FailurePlan, failureList } from './failures.ts';
import { readJson, sendJson } from './http-exchange.ts';
import { type PaceSettings, paceSettings } from './pacing.ts';
import type { RequestLog } from './request-log.ts';

/** What tests may look at and change in a running server. */
export interface Control {
  readonly failures: FailurePlan;
  readonly log: RequestLog;
  pace: PaceSettings;
}

/** Answers `/_control/…`, which needs no key. */
export async function answerControl(
  name: string,
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
) {
  switch (name) {
    case 'POST failures':
      control.failures.add(failureList.parse(await readJson(request)));
      return sendJson(response, 200, {});
    case 'DELETE failures':
      control.failures.clear();
      return sendJson(response, 200, {});
    case 'GET requests':
      return sendJson(response, 200, control.log.report());
    case 'DELETE requests':
      control.log.clear();
      return sendJson(response, 200, {});
    case 'PUT settings':
      control.pace = paceSettings.parse(await readJson(request));
      return sendJson(response, 200, control.pace);
    default:
      throw resourceNotFound();
  }
}
