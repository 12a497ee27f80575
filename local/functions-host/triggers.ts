import type { AppState } from './core-module.ts';
import type { Binding } from './core-types.ts';

const SUPPORTED = new Set(['httptrigger', 'queuetrigger', 'blobtrigger', 'timertrigger']);

/** The trigger binding of a registered function. */
export function triggerOf(app: AppState, functionName: string): Binding {
  const bindings = app.functions.get(functionName)?.metadata.bindings ?? {};
  const trigger = Object.values(bindings).find((binding) => /trigger$/i.test(binding.type));
  if (!trigger) throw new Error(`The function '${functionName}' has no trigger.`);
  return trigger;
}

/** Tells whether a trigger is of that kind, in any case, as the real host reads it. */
export function isTrigger(
  trigger: Binding,
  type: 'httpTrigger' | 'queueTrigger' | 'blobTrigger' | 'timerTrigger',
): boolean {
  return trigger.type.toLowerCase() === type.toLowerCase();
}

/** Tells whether a trigger is an HTTP trigger. */
export function isHttp(trigger: Binding): boolean {
  return isTrigger(trigger, 'httpTrigger');
}

/** Refuses at start what this host would otherwise silently ignore: other triggers, and inputs and outputs. */
export function rejectUnsupportedBindings(app: AppState): void {
  for (const [functionName, { metadata }] of app.functions) {
    const trigger = triggerOf(app, functionName);
    if (!SUPPORTED.has(trigger.type.toLowerCase())) {
      throw new Error(
        `The function '${functionName}' has a '${trigger.type}', which this local host does not support.`,
      );
    }
    for (const [name, binding] of Object.entries(metadata.bindings)) {
      if (binding === trigger || binding.type.toLowerCase() === 'http') continue;
      throw new Error(
        `The function '${functionName}' declares the ${binding.direction}put binding '${name}' of type '${binding.type}', ` +
          'which this local host does not support.',
      );
    }
  }
}
