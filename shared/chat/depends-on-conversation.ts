const FEW_WORDS = 3;
/** A long question says what it is about, whatever it refers to besides. */
const MANY_WORDS = 14;
const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu;
/** Begins as one does who goes on with what was said. */
const GOES_ON =
  /^\W*(?:and|or|but|also|then|so|what about|how about|what if|why|since when|und|oder|aber|auch|dann|was ist mit|wie ist es mit|warum|wieso|et|ou|mais|aussi|alors|pourquoi|y|o|pero|también|entonces|por qué|qué tal|e|ma|anche|allora|perché|en|maar|ook|waarom)(?![\p{L}\p{N}])/iu;
/** Points at something that was said before. */
const POINTS_BACK =
  /(?<![\p{L}\p{N}])(?:it|its|they|them|their|theirs|this|these|those|that|he|him|his|she|her|hers|there|the same|the other|the first|the second|the last|one|ones|dies|diese[mnrs]?|das|davon|dafür|dazu|damit|dort|er|sie|ihn|ihm|ihnen|ihr|derselbe|dieselben?|dasselbe|cela|ça|celui|celle|ceux|celles|ce|cette|ces|il|elle|ils|elles|lui|leur|eso|esto|ese|esa|esos|esas|este|esta|él|ella|ellos|ellas|questo|questa|quello|quella|lui|lei|loro|deze|dit|dat|daar)(?![\p{L}\p{N}])/iu;

/**
 * Whether a question looks as if it could not be understood without the conversation: very short, going on, or pointing
 * back. A guess that costs nothing; one too many costs a call of the small model.
 */
export function mayDependOnConversation(question: string): boolean {
  const words = question.match(WORD)?.length ?? 0;
  if (words <= FEW_WORDS) return true;
  return words <= MANY_WORDS && (GOES_ON.test(question) || POINTS_BACK.test(question));
}
