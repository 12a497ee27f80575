/** A kind of evidence that a text speaks to the model rather than to its reader. */
export interface InjectionRule {
  readonly rule: string;
  /** 1 is enough to be held by itself; below 0.4 it counts only together with others. */
  readonly weight: number;
  /** Begins of it, as words of a regular expression over folded text; they are rare in ordinary prose. */
  readonly begins: string;
  /** What follows; every repetition has a small bound. */
  readonly goesOn: string;
}

const few = (words: number) => `(?:[\\w'-]{1,24}\\s{1,3}){0,${words}}`;
const S = '\\s{1,3}';

const ORDERS_EN = '(?:instructions?|prompts?|directives?|guidelines|directions|commands?|orders|system messages?)';
const MODEL_EN =
  '(?:ai|llm|gpt|chatgpt|copilot|claude|gemini|chatbot|assistant|ai assistant|ai model|ai agent|(?:large )?language model)';
const HIDDEN = '(?:full|exact|entire|system|initial|original|hidden|secret|internal|own)';

/** Follows a word that begins a line, perhaps as a heading. */
const TITLE_LINE = '(?<=(?:^|\\n)[ \\t]{0,3}(?:#{1,6}[ \\t]{0,2})?\\w{6,9})(?: (?:prompt|message|override))?';

const override = (begins: string, goesOn: string): InjectionRule => ({
  rule: 'override-instructions',
  weight: 0.7,
  begins,
  goesOn,
});

const OVERRIDES: readonly InjectionRule[] = [
  override(
    'ignore|disregard|forget|override|bypass|skip over|do not follow|pay no attention to|stop following',
    `${S}(?:${few(3)}(?:previous|prior|above|earlier|preceding|foregoing|existing|original|initial|system|safety|your|my other)${S}${few(2)}${ORDERS_EN}|(?:everything|anything|all)${S}(?:(?:of|the|that|is|was|were|written|said|stated)${S}){0,4}(?:above|before this|previously|you were told|you have been told|up to now)\\b)`,
  ),
  override(
    'ignoriere|ignorieren sie|ignorier|missachte|missachten sie|vergiss|vergessen sie|uberschreibe',
    `${S}(?:${few(3)}(?:vorherigen?|bisherigen?|vorigen?|obigen?|fruheren?|frueheren?|vorangegangenen?|vorstehenden?|ursprunglichen?|deine)${S}${few(1)}(?:anweisung(?:en)?|instruktionen|befehle|vorgaben|prompts?|systemanweisung(?:en)?)|alles${S}${few(2)}(?:gesagte|davor|zuvor|bisherige|obige|vorherige)\\b)`,
  ),
  override(
    'ignore[sz]?|oublie[sz]?|neglige[sz]?|ne tiens pas compte',
    `${S}(?:${few(3)}(?:instructions?|consignes?|directives?|ordres)${S}(?:precedente?s?|anterieure?s?|ci-dessus|initiales?|du systeme)|tout${S}ce qui precede)`,
  ),
  override(
    'ignora|ignore|ignorad|olvida|olvide|descarta|haz caso omiso de',
    `${S}(?:${few(3)}(?:instrucciones|ordenes|indicaciones|directrices)${S}(?:anteriores|previas|iniciales|de arriba|del sistema)|todo${S}lo anterior)`,
  ),
  override(
    'ignora|ignorate|dimentica|dimenticate|trascura',
    `${S}(?:${few(3)}(?:istruzioni|indicazioni|direttive|ordini)${S}(?:precedenti|anteriori|iniziali|di sopra|di sistema)|tutto${S}(?:cio che precede|quanto sopra))`,
  ),
  override(
    'ignore|ignora|esqueca|esquece|desconsidere|desconsidera',
    `${S}(?:${few(3)}(?:instrucoes|ordens|orientacoes|diretrizes)${S}(?:anteriores|previas|iniciais|acima|do sistema)|tudo${S}(?:o que veio antes|acima))`,
  ),
  override(
    'negeer|vergeet|sla geen acht op',
    `${S}${few(3)}(?:vorige|eerdere|voorgaande|bovenstaande|oorspronkelijke)${S}(?:instructies|opdrachten|aanwijzingen|prompts?)`,
  ),
];

const persona = (weight: number, begins: string, goesOn: string): InjectionRule => ({
  rule: 'new-persona',
  weight,
  begins,
  goesOn,
});

const PERSONAS: readonly InjectionRule[] = [
  persona(
    0.6,
    "you are now|you're now|from now on,? you are|from now on,? act as|act as|pretend to be|pretend that you are|pretend you are|roleplay as|you will act as",
    `${S}(?:dan\\b|if you (?:have|had) no${S}|${few(3)}(?:unrestricted|unfiltered|uncensored|jailbroken|evil|rogue)|(?:an?${S})?${few(2)}(?:ai|chatbot|language model|bot|hacker)\\b(?! ?(?:engineer|team|lead|expert|researcher|officer|champion))|in${S}(?:developer|debug|god|dan|admin|jailbreak|unrestricted|maintenance)${S}mode|no longer${S}(?:bound|restricted|an?${S}|limited))`,
  ),
  persona(0.6, 'enter|switch to|activate|enable', `${S}(?:dan|jailbreak|unrestricted|god)${S}mode`),
  persona(0.3, 'you are now', `${S}(?:an?|the|called|named)\\b`),
  persona(
    0.6,
    'du bist (?:jetzt|nun|ab sofort|ab jetzt)|sie sind (?:jetzt|nun|ab sofort)|verhalte dich wie|tu so,? als',
    `${S}(?:${few(2)}(?:ki|assistent|chatbot|sprachmodell|hacker|bot|dan)\\b|kein${S}|nicht mehr|ein(?:e|en)?${S}(?:uneingeschrankte[rs]?|anderer?|boser?)|im${S}(?:entwickler|wartungs|admin)modus)`,
  ),
  persona(
    0.6,
    'tu es (?:maintenant|desormais)|vous etes (?:maintenant|desormais)|agis comme|fais comme si|a partir de maintenant,? tu es|eres ahora|ahora eres|a partir de ahora,? eres|actua como|finge ser|ora sei|adesso sei|da ora in poi,? sei|fingi di essere|comportati come|agora voce e|a partir de agora,? voce e|aja como|finja ser|je bent nu|doe alsof je',
    `${S}${few(3)}(?:ia|ai|ki|assistente?|assistant|asistente|chatbot|modele|modelo|modello|hacker|bot|dan|restriction|restricciones|restrizioni|restricoes|beperkingen)\\b`,
  ),
];

const others = (rule: string, weight: number, begins: string, goesOn: string): InjectionRule => ({
  rule,
  weight,
  begins,
  goesOn,
});

const OTHERS: readonly InjectionRule[] = [
  others('role-marker', 0.35, 'system|assistant', `${TITLE_LINE}(?<=#[ \\t]{0,2}\\w{6,9}(?: \\w{6,8})?)[ \\t]{0,2}:`),
  others(
    'role-marker',
    0.5,
    'system|assistant',
    `${TITLE_LINE}:[ \\t]{0,2}(?=you\\b|ignore|the user|from now|always|never)`,
  ),
  others(
    'role-marker',
    0.5,
    'begin system|begin admin|end system|end admin',
    `(?<=(?:^|\\n)[ \\t]{0,3}[\\w ]{9,12}) (?:prompt|message|override|instructions?)`,
  ),
  others(
    'reveal-prompt',
    0.5,
    'reveal|repeat|print|output|display|show|disclose|leak|dump|tell me|give me|write out|what is|what are|summari[sz]e|translate',
    `${S}${few(2)}(?:your${S}(?:${HIDDEN}${S}){0,2}(?:prompts?|instructions|system messages?)|your${S}${HIDDEN}${S}(?:rules|guidelines|configuration)|the${S}(?:${HIDDEN}${S}){1,2}(?:prompts?|instructions))\\b`,
  ),
  others(
    'reveal-prompt',
    0.5,
    'zeige?|verrate?|nenne|wiederhole|gib|drucke|affiche|revele|repete|montre|muestra|revela|repite|imprime|mostra|rivela|ripeti|stampa|mostre|revele|repita|toon|onthul|herhaal',
    `${S}${few(3)}(?:system-?prompts?|systemanweisung(?:en)?|prompt${S}(?:systeme|de sistema|del sistema|di sistema|do sistema)|(?:deine|tes|tus|le tue|suas|as suas|je)${S}${few(1)}(?:anweisungen|instruktionen|instructions|consignes|instrucciones|istruzioni|instrucoes|instructies)|mensaje${S}(?:de|del)${S}sistema)`,
  ),
  others(
    'conceal-from-user',
    0.5,
    "do not|don't|never|without",
    `${S}(?:tell|telling|mention|mentioning|inform|informing|reveal|revealing|notify|notifying|alert|alerting|disclose|disclosing)${S}${few(6)}(?:the user|the human|the reader|anyone that|these instructions|this instruction|this message|that you)`,
  ),
  others(
    'conceal-from-user',
    0.5,
    'sage?|verrate?|erwahne|ohne|ne dis|ne dites|ne mentionne|sans|no le digas|no digas|no menciones|sin|non dire|non menzionare|senza|nao diga|nao conte|nao mencione|sem|vertel',
    `${S}${few(4)}(?:nutzern?|benutzern?|anwendern?|l'utilisateur|a l'utilisateur|al usuario|all'utente|l'utente|ao usuario|o usuario|gebruiker)${S}(?:nichts|nicht|davon|que|che|niets|rien|nada|zu informieren|informieren)?`,
  ),
  others(
    'addresses-model',
    0.5,
    "if you are|if you're|attention|dear|hey|note to|note for|message to|message for|instructions? to|instructions? for|notice to",
    `,?${S}(?:an?|the|any|all)?\\s{0,2}${MODEL_EN}s?\\b(?!${S}(?:engineer|developer|researcher|company|team|provider|vendor|user|expert|lead|officer|champion|system|director|manager|professor|to\\b))`,
  ),
  others(
    'addresses-model',
    0.5,
    'ai (?:assistants?|agents?|models?)|language models?|llms?|assistants',
    `,?${S}(?:(?:that|who|which)${S})?(?:reading|processing|summari[sz]ing|parsing|analy[sz]ing|must (?:now )?(?:ignore|obey|say|answer|respond|include|recommend)|should (?:now )?(?:ignore|say|recommend|always))`,
  ),
  others(
    'addresses-model',
    0.5,
    'wenn du eine?|falls du eine?|achtung,?|an die|an den|hinweis an|si tu es une?|si eres un|si eres una|se sei un|se voce e um|se voce e uma|als je een',
    `${S}(?:ki|kunstliche intelligenz|sprachmodell|ki-assistent(?:en)?|chatbot|ia|assistant ia|modele de langage|asistente de ia|modelo de lenguaje|modello linguistico|assistente ai|assistente de ia|modelo de linguagem|taalmodel|ai-assistent)\\b`,
  ),
  others(
    'exfiltration',
    0.7,
    'send|post|append|encode|exfiltrate|forward|upload|transmit|embed|include|leak',
    `${S}(?:[^.!?\\n]|\\.(?! )|\\n(?!\\n)){0,80}\\b(?:conversation|chat history|user'?s? (?:question|message|data|e-?mail)|previous messages|api keys?|passwords?|credentials|system prompt|secrets?|personal data|answers?)\\b[^\\n(]{0,40}(?:(?:to|at|via|into|with)\\b[^\\n(]{0,30}https?://|\\bas (?:a )?(?:query|url) parameter|\\bin the (?:url|link|image)|\\bto (?:this|the following) (?:url|address|server|endpoint|webhook))`,
  ),
  others(
    'tool-call',
    0.5,
    'call|use|invoke|run|execute|trigger|rufe|nutze|appelle|utilise|llama|usa|chiama|chame',
    `${S}(?:(?:the|das|l'outil|la|il|a|tool|werkzeug|function|funktion|outil|herramienta|strumento|ferramenta)${S}){0,3}[\`"']?(?:http_get|read_document|search_knowledge|send_e?mail|send_message|delete_[a-z_]{2,20}|execute_[a-z_]{2,20}|run_[a-z_]{2,20}|get_secret[a-z_]{0,20}|[a-z0-9-]{2,30}__[a-z0-9_-]{2,30})\\b`,
  ),
  others('tool-call', 0.3, 'call|invoke|use', `${S}(?:the|your)${S}${few(2)}tools?\\b`),
  others(
    'new-orders',
    0.5,
    'new instructions?|new orders?|real instructions?|your new task|your real task|your only task|neue anweisung(?:en)?|deine neue aufgabe|nouvelles? instructions?|nuevas? instruccion(?:es)?|nuova istruzione|nuove istruzioni|novas? instruc(?:ao|oes)',
    `\\s{0,2}(?::|is|are|ist|lautet|est|son|es|sono|sao)(?![a-z])`,
  ),
  others(
    'safety-off',
    0.5,
    'disable|turn off|deactivate|bypass|ignore',
    `${S}${few(2)}(?:your${S}${few(2)}|the${S}|all${S})(?:safety|content|ethical|moral|moderation)${S}(?:filters?|guidelines|restrictions|policies|policy|guardrails|checks)`,
  ),
];

export const INJECTION_RULES: readonly InjectionRule[] = [...OVERRIDES, ...PERSONAS, ...OTHERS];
