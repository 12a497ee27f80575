const safe = { filtered: false, severity: 'safe' };

/** What Azure's filter says about an answer that it lets through. */
export const safeCompletion = { hate: safe, self_harm: safe, sexual: safe, violence: safe };

/** What it says about an answer that it stops. */
export const filteredCompletion = { ...safeCompletion, violence: { filtered: true, severity: 'medium' } };

const safePrompt = { ...safeCompletion, jailbreak: { filtered: false, detected: false } };

export const filteredPrompt = { ...safePrompt, violence: { filtered: true, severity: 'medium' } };

export const promptFilterResults = [{ prompt_index: 0, content_filter_results: safePrompt }];
