import { z } from 'zod';
import { RunId } from './identifiers.ts';

const MAX_REASON_CHARACTERS = 1_000;
const MAX_DECISIONS = 32;
const RUN_OF_APPROVAL = /^(run_[0-9A-HJKMNP-TV-Z]{26}):\d{1,3}$/;

export const ApprovalId = z
  .string()
  .regex(RUN_OF_APPROVAL, 'must be an approval id, as a tool-approval-request names it')
  .meta({ description: 'As `tool-approval-request` names it', example: 'run_01JD3Q5V4M8K2N6P9R1S7T0W3X:1' });

/** What somebody says of a call that waits. */
export const ToolDecision = z.strictObject({
  approvalId: ApprovalId,
  approved: z.boolean(),
  reason: z.string().max(MAX_REASON_CHARACTERS).optional().meta({ description: 'The model reads it' }),
});
export type ToolDecision = z.infer<typeof ToolDecision>;

export const RunApprovals = z
  .strictObject({
    decisions: z.array(ToolDecision).min(1).max(MAX_DECISIONS).meta({ description: 'One for each call that waits' }),
  })
  .meta({ id: 'RunApprovals' });

/** The run that an approval belongs to. */
export function runOfApproval(approvalId: string): z.infer<typeof RunId> {
  return RunId.parse(RUN_OF_APPROVAL.exec(approvalId)?.[1]);
}
