export { passageBlock } from '../prompts/passage-block.ts';
export { systemMessage } from '../prompts/system-message.ts';
export { titleMessages } from '../prompts/title-prompt.ts';
