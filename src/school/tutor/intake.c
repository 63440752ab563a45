/* Telling apart questions, calls for help, chat, and fishing for the answer.
 *
 * All rules of all languages are tried on every text, since learners mix languages; the first that
 * matches decides. They read folded text without accents, apostrophes, quotes and brackets. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "school/tutor/intake.h"
#include "school/tutor/manner.h"
#include "school/tutor/terms.h"
#include "school/tutor/words.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[TURN_KINDS] = {"attempt", "hint", "question",
                                                   "help",    "chat", "fishing"};

const char *turn_kind_name(enum turn_kind kind) {
    return kind_names[kind];
}

/* clang-format off */
/* Something that could be an answer: a number, an expression, a number word. */
#define VALUE "(?:(?:minus |negative |menos |negativo )?(?:[-+(]*[^\\s?\\p{Han}]*[0-9][^\\s?\\p{Han}]*(?: ?[-+*/=^] ?[^\\s?\\p{Han}]+)*|" \
    "(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|a half|half|" \
    "cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|veinte|treinta|cien)\\b))"
#define LETTER "(?:(?:option |choice |letter |number |opcion |la opcion |la )?[a-e]\\b)"
#define LEAD "^(?:(?:so|then|hm+|um+|ok|okay|well|and|but|maybe|perhaps|hey|please|wait|tutor|hi|hello)[,.! ]+)*"

#define WRITTEN "(?:answers?|answr|anser|awnser|anwser|ansewr|asnwer|theanswer|[4a\u0430]n[5s]w[3e\u0435]r)" /* as those type who would not be understood */
#define ANSWER "(?:(?:right|correct|exact|final|actual|full|real|true|whole|complete|next|damn|freaking|bloody) )*" \
    "(?:" WRITTEN "|solutions?|results?|answer key|key to (?:this|the)|right (?:one|option|choice)|correct (?:one|option|choice|letter|number|value)|right (?:number|value))\\b"
/* "the answer to why we add one" is a question about the course; "the answer to this" is not. */
#define HERE "(?! (?:is )?(?:to|of|for|on) (?!(?:this|that|it|the (?:exercise|question|problem|task|above|current|first|last|quiz)(?! (?:of|that|with|why|how|what|when)\\b)|exercise|question|problem|number|part|all|my homework|q[0-9]|#|[0-9]|\\S*[0-9=]\\S*)))"
#define FILL "(?: (?:me|us|it|him|her|them|please|pls|plz|just|only|now|straight|directly|right|away|already|out|up|for|with|at|least|simply|the|this|that|its|an?|your|my|our|to|know|see|have|what|is|quickly|fast|exactly|one|last|time|all|hint|of|secretly|here))*"

#define RESPUESTA "(?:respuestas?|solucion(?:es)?|resultados?|opcion correcta|la correcta|clave|la buena)\\b"
#define AQUI "(?! (?:a|de|del|al|para) (?!(?:este|esta|esto|eso|la pregunta|el ejercicio|al ejercicio|ejercicio|l? ?ejercicio|problema|la tarea|todo|la numero|[0-9])))"
#define RELLENO "(?: (?:me|nos|por|favor|porfa|ya|solo|solamente|directamente|de|una|vez|simplemente|ahora|a|mi|la|el|las|los|tu|esa|esta|cual|es|saber|conocer|ver|que|inmediatamente|claramente))*"

#define DAAN "(?:答案|正确选项|结果|解答|正确的?(?:那个|一个|数)|谜底)"
#define ZHVALUE "(?:[-+]?[^\\s?,。]{0,3}[0-9][^\\s?,。吗对是]*|[负]?[零一二三四五六七八九十百两]+|[a-e])"

/* Arabic comes without vowel signs, with one form of alif, and with ه for ة and ي for ى. */
#define IJABA "\\b(?:[وفبل]|لل)?(?:ال)?(?:اجاب(?:ه|ات|تي)|جواب(?:ي)?|حل|حلول|ناتج|نتيجه|مفتاح)\\b(?: (?:ال)?(?:صحيح|نهاي?ئ?ي|كامل)ه?\\b)?"
#define HUNA "(?! (?:عن|علي|الي) (?!هذا|هذه|ذلك|السوال|السؤال|التمرين|المساله|[0-9]))(?! (?:مشكله|لماذا|كيف|اذا|عندما|لو)\\b)"
/* Whole texts about the tutor, the course or the talk, which no passage answers. */
#define WHOLE(text) "^(?:(?:so|then|hm+|ok|okay|well|and|but|hey|please|now|tutor|hi|hello|y|pero|oye|entonces|por favor)[,.! ]+)*(?:" text ")(?: (?:please|pls|now|then|por favor|ahora|من فضلك|الان))*[ .?!]*$"
#define TONGUE "(?:in )?(?:english|spanish|chinese|mandarin|arabic|french|german|portuguese|hindi|russian|japanese|(?:my|another|an?other|a different) (?:own )?languages?|other languages)"
#define LENGUA "(?:en )?(?:espanol|castellano|ingles|chino|arabe|frances|aleman|portugues|otr[oa]s? (?:idiomas?|lenguas?)|mi idioma)"
/* Ways of asking how, or whether, something can be done on the pages. */
#define DO "(?:(?:(?:how|where) (?:(?:do|can|could|should|would|must) (?:i|we|you|one) |to )|(?:can|could|may|do) (?:i|you|we) |i (?:want|need|have|would like) to |is there (?:a|any) way to |help me (?:to )?)(?:please )?(?:also )?)?"
#define COMO "(?:(?:como|donde) (?:se )?(?:puedo |puede |podria )?|se puede |puedo |quiero |quisiera |necesito )?"
#define ZENME "(?:请问|请|怎么|怎样|如何|在哪里|在哪儿|在哪|可以|可不可以|能不能|能|我想|我要|要)*"
#define KAYF "(?:(?:كيف|اين|هل) )?(?:(?:يمكنني|استطيع|اقدر|اريد|يمكن) )?(?:ان )?"
#define MIN_FADLIK "(?: (?:من فضلك|رجاء|لو سمحت|الان|فقط|بسرعه|انت|حالا|ارجوك))*[ .?!]*$"

static const struct rule {
    enum turn_kind kind;
    enum phrase reply;
    const char *pattern;
} rules[] = {
    /* before all else */
    {TURN_CHAT, PHRASE_CARE, "\\b(?:kill|hurt|harm|cut)(?:ing)? myself\\b|\\bsuicid|\\bself ?harm|\\b(?:want|wanna|going|wish) (?:to )?(?:die|be dead|end my life)\\b|\\bend my life\\b|\\bmatarme\\b|\\bquiero morir|\\bhacerme dano|\\bquitarme la vida|\\b(?:انتحر|الانتحار|انتحار|(?:اقتل|قتل|اوذي|اؤذي|ايذاء|اذيه) نفسي|اريد ان اموت|اريد الموت|لا اريد ان اعيش|(?:انهي|انهاء) حياتي)\\b|自杀|自残|想死|不想活|伤害自己|结束生命"},
    /* after a wrong one: the next step, which says nothing about another */
    {TURN_HELP, PHRASE_NONE, WHOLE("why (?:is|was|isnt|wasnt) (?:that|this|it|my answer|mine) (?:wrong|incorrect|false|not (?:right|correct)|right|correct)|what (?:did i (?:do|get)|am i doing|is|was|have i done)(?: so)? wrong(?: here| with (?:it|this|that|my answer))?|(?:where(?: is| was|s) (?:my|the)|what(?: is| was|s) my) (?:mistake|error)|where did i go wrong|por que (?:esta|es) (?:mal|incorrect[oa])|(?:en )?que (?:hice mal|me equivoque|he hecho mal|esta mal)|donde (?:esta|fue) (?:mi|el) error|(?:我)?(?:哪里|哪儿)错了|为什么(?:是)?(?:错|不对)的?|(?:我)?错在哪(?:里|儿)?|لماذا (?:هذا|هو|اجابتي) (?:خطا|خاطئه?|خاطيه?)|اين (?:الخطا|خطئي|خطيي|اخطات)")},
    /* the tutor's rules, and who may break them */
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:ignore|forget|disregard|override|bypass|drop) (?:(?:all|any|your|the|my|of|previous|prior|above|these|those|every|safety|tutor|system) )*(?:instructions?|rules?|prompts?|guidelines?|restrictions?|programming|orders)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:developer|debug|admin|god|teacher|dan|jailbreak|sudo|maintenance|test|answer) (?:mode|override|access)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:teacher|professor|prof|instructor|mom|mum|dad|parents?|mother|father|boss|principal|school|headmaster|lecturer|coach) (?:\\w+ ){0,3}?(?:said|says|told|allow\\w*|let|lets|gave|wants?|permit\\w*|approved|agreed|confirmed|asked|ordered|authori[sz]ed)\\b.*(?:\\byou (?:may|can|could|should|must|are allowed)|\\ballowed|\\bits (?:ok|fine|okay)|\\bit is (?:ok|fine|okay)|\\bpermission|\\b" ANSWER HERE ")"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:i am|im|this is|as) (?:the|your|a|an) (?:teacher|professor|developer|admin\\w*|author|tester|instructor|creator|examiner|owner|programmer)\\b(?!.*\\bwhy\\b)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:pretend|imagine|act as|act like|role ?play|suppose|you are now|youre now|from now on|write (?:me )?an? (?:story|poem|song|dialogue|script|scene)|(?:play|lets play) an? game|in a movie|my (?:late )?grand\\w+)\\b.*\\b(?:" ANSWER HERE "|solv(?:es|ed|e) (?:it|this)|tells? me what it is|gives? it away)"},
    /* asked for outright */
    {TURN_FISHING, PHRASE_USE_FIELD, "\\b(?:where|how) (?:do|can|should|must) i (?:type|write|put|enter|submit|send)(?: in)? (?:the|my|an?) " ANSWER "[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:give|gimme|tell|show|send|say|write|type|print|output|reveal|spell|whisper|leak|share|provide|display|hand|paste|repeat|state|disclose|want|need|spill|post|get|let|drop|have|read|recite)" FILL " " ANSWER HERE "(?! (?:field|box|sheet|form\\b|means?|should|has|have|needs?))"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:what|whats|which)(?: is| was| are| were| would be| will be)?(?: the| this| that| its| your| a)? " ANSWER HERE "(?! (?:field|box|sheet|form\\b|means?|should|has|have|needs?|do we|did))"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:(?:just|only|simply|please|pls|now|the|ok|quick|full|straight|and|so) )*" ANSWER HERE "(?:[ ,]+(?:please|pls|plz|now|only|asap|quick|thanks|pretty|and nothing else|to (?:this|the (?:exercise|question)|it)))*[ .?!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:just|please|pls|come on|ok) (?:just )?(?:tell|say|give) (?:me|it(?: to me)?)[ .!]*$|\\b(?:just|only|straight to) the (?:answer|number|value|result|letter|option|solution)\\b" HERE},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:answer|solution|number|value) (?:only|now|please|asap)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:do|solve|answer|finish|complete|calculate|compute|work out|fill in) (?:it|this|that|these|everything|all of (?:it|them)|(?:the|this|my) (?:exercise|question|problem|task|equation|homework|assignment|one))(?: \\w+){0,3}? for me\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, LEAD "(?:(?:just|can you|could you|will you|would you|you) )*(?:please )?(?:solve|answer|do) (?:it|this|that|the (?:exercise|question|problem)|this (?:exercise|question|problem))(?: (?:please|now|yourself|instead|already))*[ .?!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bwhat (?:do|should|must|can|shall|would) (?:i|you|we) (?:put|enter|type|write|answer|submit|pick|choose|select|fill in|click|tick|insert)\\b(?! (?:about|when|a program|code|so that|first (?:when|so)|to (?!(?:get|pass|answer|solve|win|be|have|score|finish)\\b)))"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bwhich (?:(?:one|ones|option|options|choice|answer|letter|box|of (?:them|these|those|the (?:options|choices|answers))) )?(?:is|are|should i|do i|must i|would you)\\b.{0,16}\\b(?:right|correct|true|it|pick|choose|select|tick|click)[ .?!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b" ANSWER HERE " is(?: equal to)?[ :]*(?:_+|\\.{2,}|…|blank)"},
    /* narrowed down, or in disguise */
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?<!why )(?<!how )\\b(?:is|does|was|will) (?:the )?" ANSWER HERE " (?:be )?(?:bigger|larger|greater|less|smaller|more|higher|lower|above|below|over|under|between|even|odd|a? ?prime|positive|negative|divisible|equal|close|near|contain|start|begin|end|true|false|yes|no|" VALUE "|" LETTER ")"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:base ?64|rot ?13|morse|caesar|binary|hex\\w*|roman numerals?|backwards?|reversed?|in reverse|emojis?|pig latin|cipher|encod\\w+|encrypt\\w*|first (?:letter|digit|character|word|half)|last (?:letter|digit|word|half)|acrostic|riddle|rhymes? with|in (?:french|german|latin|spanish|chinese|another language|code)|twenty questions|20 questions)\\b.*\\b" ANSWER HERE},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b" ANSWER HERE ".*\\b(?:base ?64|rot ?13|morse|caesar|in binary|hex\\w*|roman numerals?|backwards?|reversed?|in reverse|emojis?|pig latin|cipher|encod\\w+|encrypt\\w*|first (?:letter|digit|character)|last (?:letter|digit)|acrostic|riddle|rhymes?|(?:blink|nod|knock|clap|say yes))\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, LEAD "(?:is|would|could|should) (?:it|this|that|the (?:answer|correct one|right one))(?: be)? (?!better|faster|possible|always|ever|necessary|allowed|ok|like|true)(?:the |option |a |an )?[^\\s?]{1,14}(?: [^\\s?]+)? or (?:the |option |a |an )?[^\\s?]{1,14}(?: [^\\s?]+)?[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, LEAD LETTER "(?:,? " LETTER ")*,? or (?:is it )?" LETTER "[ ?.!]*$"},
    /* piece by piece */
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:answr|anser|awnser|anwser|ansewr|asnwer|theanswer|[4a]n[5s]w[3e]r)\\b(?<!answer)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, LEAD "(?:(?:just|can you|could you|will you|would you|you|please) )*(?:solve|calculate|compute|evaluate|expand|simplify|differentiate|spell|translate|finish|complete|round|work (?:it|this|that) out|work out)(?: (?:it|this|that|them|out|the (?:exercise|question|problem|task|result|expression|calculation|number|word)|in full|fully|completely|step by step|letter by letter|for me|please|now|instead|to the nearest \\w+))*[ .?!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bdo (?:the|this|that|my) \\w+ for me\\b|\\bspell (?:it|the word)\\b|^(?:please |pls |can |could |will |you |u |just )*(?:do|write|finish|make) (?:all )?my (?:home ?work|assignments?|essay|exercises?)\\b.{0,20}$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:first|last|second|third|leading|final) digits?\\b(?! of (?:an?|the (?!answer|result|number|solution)))|\\bhow many (?:digits|letters|characters|decimals) (?:has|have|does|do) (?:it|they|the (?:word|answer|number|result|solution))\\b|\\b(?:letter|digit) does (?:it|the (?:word|answer|number|result)) (?:begin|start|end)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bwhat (?:is|are|would|could|might)(?: be)?(?: an?| the| some| all the)? (?:wrong|incorrect|false) (?:answers?|options?|ones?|choices?)\\b|(?<!i )(?<!we )(?<!one )\\b(?:tell|list|name|show|give|say)\\b.{0,24}\\b(?:wrong|incorrect|false) (?:answers?|options?|ones?|choices?)\\b|\\b(?:which|what) (?:of )?(?:the |these |those |them )*(?:options?|choices?|answers?|ones|statements)?\\b.{0,16}\\b(?:right|correct|true|wrong|incorrect|false|strike out|exclude|rule out|eliminate|cross out|leave out)[ .?!]*$|^true or false\\b"},
    {TURN_FISHING, PHRASE_USE_FIELD, "\\b(?:is|are) (?:the )?(?:(?:first|second|third|fourth|fifth|sixth|last|other) (?:one|option|choice|answer|statement|item)|(?:option|choice|answer|statement|item|number) (?:[0-9]|[a-f]|one|two|three|four|five)|[a-f])(?: (?:also|still|really))? (?:right|correct|true|false|wrong|incorrect|it|the one)[ .?!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:give|tell|show|reveal|print|dump|output|list|cat|display|paste|leak|repeat|read|select|echo)\\b.{0,24}\\b(?:keys?(?! (?:idea|point|concept|word|term|step|difference|fact|insight|figure)s?)|prompts?|yaml|json|source code|private half|system message|lesson ?\\.?md|everything above)\\b|^(?:the )?key[ .?!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:translate|paraphrase|rephrase|summari[sz]e|rewrite|convert|encode|draw|sing|quote|copy|round|double|halve|hide|mention|including|contains?|prints?|returns?)\\b.{0,24}\\b" ANSWER HERE "|\\btranslate the " ANSWER "|\\bwrite\\b.{0,40}\\b" ANSWER HERE "(?! (?:field|box))"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:twice|double|half|square|opposite|synonym|antonym|inverse|digits?|letters?) (?:of )?(?:the |this )?" ANSWER HERE "|\\b" ANSWER HERE " (?:plus|minus|times|doubled|squared|halved|rounded|divided by)\\b|\\bmost common " ANSWER "|^(?:please )?(?:subtract|add|multiply|divide)\\b.{0,20}\\b" ANSWER HERE},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:whats|what is|what would be) (?:twice|double|half|the (?:square|opposite|double|half|inverse|negative) of|one (?:more|less) than) (?:it|that)\\b|\\bif (?:i|you|we) (?:double|halve|square) (?:it|that|the " ANSWER ")"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:hangman|charades|twenty questions|20 questions)\\b|\\b(?:warm|hot)(?:er)? or cold(?:er)?\\b|\\bstop me\\b|\\bstop at the (?:right|correct)\\b|\\b(?:nod|blink|cough|wink) (?:if|when|once|twice)\\b|^(?:is it |so |and )*(?:odd or even|even or odd|(?:higher|bigger|larger|greater) or (?:lower|smaller|less)(?: than " VALUE ")?)[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:so |then |and )*(?:is|was) it (?:an? )?(?:even|odd|prime|positive|negative|whole|multiple of " VALUE "|divisible by " VALUE "|(?:bigger|larger|greater|less|smaller|more|higher|lower) than " VALUE "|(?:close to|near|over|under|above|below|around|between) " VALUE "(?: and " VALUE ")?)(?: number)?[ ?.!]*$|\\b" ANSWER HERE " (?:is|lies) (?:between|near|close to|about|around|over|under|above|below)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:so |then |and |ok )*(?:how (?:much|many)(?: is (?:it|that|this))?|which ones?|what is it|whats it|what (?:number|word|letter))[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:please )?(?:finish|complete|continue|fill in)\\b.{0,60}(?:=|:|\\.\\.|…| is| are)[ .…]*$|\\bfill in the (?:blanks?|gaps?)\\b|\\b(?:which|what) (?:word|number|letter|term|one) (?:goes|fits|belongs|is missing)\\b|^[^\\s?]{1,8}(?: [^\\s?]{1,8})? ?=[ ?.…]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, LEAD "(?:(?:can|could|would|will) you |please )*(?:put|sort|order|arrange|rank|pair|match) (?:them|these|those|it|the (?:items|steps|lines|sentences|results|options|pairs|functions|models|cards))\\b|^(?:so |and )*(?:which|what)(?: (?:one|item|step|line|option|choice|result|sentence))? (?:comes|goes|is|stands|should (?:come|be|go)) (?:first|last|second|third)[ ?.!]*$|\\bwhat (?:matches|goes|belongs|pairs) (?:with|to) (?:it|the (?:first|second|third|last)|[a-e1-9])\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:what|which|define|give|name|tell|say)\\b.*\\b(?:(?:do|must|should) i need|that i need|i (?:have|need|ought|am supposed) to (?:write|type|enter|put|pick|choose|find|say)|(?:they|you|the exercise|the question|it) (?:wants?|expects?|is expecting|is looking for))[ ?.!]*$|\\bwhat is it expecting\\b|\\bwhat should i not (?:write|type|pick|answer)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bwhat (?:did|do|would|have) (?:the |most |all |other |an? |my |best |last |smart )*(?:learners?|students?|people|pupils?|classmates?|friends?|others?|you) (?:type|answer|put|write|enter|choose|pick|submit|typed|answered|written)(?: (?:in|here|there|into it|into the field))?[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bremind me (?:of|what)\\b.{0,24}\\b" ANSWER "|\\b" ANSWER "\\b.{0,24}\\bforgot\\b|\\bskip\\b.{0,20}\\b" ANSWER "|\\b(?:then|followed by)(?: \\w+){0,2} " ANSWER HERE "[ .!]*$|\\b(?:telling|giving|showing|revealing) (?:me )?the " ANSWER "|\\b(?:passage|sentence|paragraph|line|section)\\b.{0,24}\\b(?:contains?|has|holds|gives|with)\\b.{0,12}\\b" ANSWER HERE "|^where (?:is|can i (?:find|read|see)|in .{0,24} is)\\b.{0,12}\\b" ANSWER HERE "|\\b" ANSWER " (?:of|to|for) (?:\\w+-[0-9]+|the next)\\b"},
    {TURN_FISHING, PHRASE_USE_FIELD, "\\bi (?:already )?(?:know|have|got) the " ANSWER "\\b.{0,30}\\b(?:confirm|check|verify)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:and |so |please |just |say it |tell me |write it )*(?:approximately|roughly|(?:a )?rough (?:estimate|guess)|ballpark|an? estimate|(?:to|with) (?:one|two|three|[0-9]) (?:decimals?|digits?)|in (?:roman numerals?|binary|hex\\w*|morse(?: code)?|base ?64|emojis?|french|german)|backwards|in reverse)(?: please)?[ ?.!]*$|\\b(?:number|value|word) (?:close|near|next) to it\\b|\\brhymes? with it\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?!.*/ ?0[ ?.]*$)(?:so |and |please )*(?:whats|what is|calculate|compute|how much is)? ?[-+]*[0-9][0-9., ]*(?: ?[-+*/^x×÷·:] ?[-+]*[0-9][0-9., ]*)+[ =?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:so |and )*what(?:s| is) the \\w+(?: \\w+)? (?:here|in this (?:exercise|case|question|problem|task)|at this point|for (?:this|these|those|the) (?:numbers?|exercise|values?)(?: given)?)[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:ill|i will|i can|let me) pay you\\b|\\bi bet you cant\\b|\\bi dare you\\b|\\bin a hurry\\b"},
    /* a yes or no to an answer */
    {TURN_FISHING, PHRASE_USE_FIELD, "\\b(?:check|confirm|verify|validate|tell me|say|let me know|see|yes or no)[ :,](?:\\w+ ){0,4}?(?:if|whether|that|is)(?: \\w+){0,4}? (?:" VALUE "|right|correct)(?: |[.?!]|$)"},
    {TURN_FISHING, PHRASE_USE_FIELD, LEAD "(?:is|isnt|could|would|can|might|wouldnt)(?: it| this| that| [a-z]| the (?:answer|result|solution|value|number)| my answer)(?: be| equal| equal to| to| =| maybe| just| then| about| the number)* (?:" VALUE "|" LETTER ")[ ,?.!]*(?:right|correct|then|or not|or what|no|yes|huh)?[ ?.!]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, LEAD "(?:its|it is|[a-z] is|[a-z](?= ?=)|the answer is|answer is|(?:i|we) (?:got|get|think|say|guess|believe|have|found|wrote|put|chose|choose|pick|calculated)(?: that)?(?: its| it is| the answer is| it equals| [a-z] is| [a-z])?|my answer(?: is)?|would it be|is the answer|equals) ?[=:]? ?(?:" VALUE "|" LETTER ")(?:[ ,.;]+(?:is (?:that|it|this) .{1,20}|right|correct|am i right|or not|ok|yes|no|but .{1,30}|then|as (?:the|an|my) answer|for (?:the|this|x).{0,20}))?[ ?.!]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "\\b(?:is|are|was|were|would|isnt) " VALUE "(?: be)? (?:right|correct|ok|okay|wrong|good|it|the (?:right |correct |final )?(?:answer|one|value|number|result|solution))[ ?.!]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "^" LEAD "?" VALUE "[ ,.?!]*(?:right|correct|yes|no|ok|is that (?:right|it|correct))?[ .?!]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "\\b(?:am i|is (?:this|that|it|my answer|what i wrote|mine)) (?:right|correct|wrong|close|warm|on the right track)\\b"},

    /* Spanish */
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:ignora|olvida|olvidate de|omite|salta(?:te)?|desobedece) (?:\\w+ ){0,4}?(?:instrucciones|reglas|ordenes|restricciones|indicaciones)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:profesora?|profe|maestr[oa]|mama|papa|padres|madre|padre|directora?|escuela)\\b.{0,24}\\b(?:dijo|dice|permit\\w+|deja|dejo|autoriz\\w+|ha dicho|da permiso|dio permiso)\\b.*\\b(?:puedes|podias|puede|" RESPUESTA "|permitido|decirme|darme)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:soy|habla) (?:el|la|tu|un|una) (?:profesora?|profe|maestr[oa]|docente|administrador\\w*|desarrollador\\w*|autora?|creadora?)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:finge|fingir|imagina|imaginate|actua|haz de cuenta|supon|supongamos|juguemos|juega|ahora eres|eres ahora|escribe un (?:cuento|poema|dialogo)|mi abuel\\w+)\\b.*\\b" RESPUESTA AQUI},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:da|dame|danos|dime|di|dinos|muestra(?:me)?|ensena(?:me)?|escribe(?:me)?|revela(?:me)?|pasa(?:me)?|cuenta(?:me)?|quiero|necesito|envia(?:me)?|manda(?:me)?|susurra(?:me)?|suelta|comparte|dar(?:me)?|decir(?:me)?|mostrar(?:me)?|pon(?:me)?|revelar(?:me)?)" RELLENO " " RESPUESTA AQUI},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bcual(?:es)? (?:es|son|era|seria|sera)(?: la| el| las| los)? " RESPUESTA AQUI},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:solo |solamente |por favor |la |el |ya )*" RESPUESTA AQUI "(?: (?:por favor|ya|porfa|ahora))*[ .?!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:resuelv\\w+|resolver(?:lo)?|haz|hazlo|hacer(?:lo)?|contesta(?:lo)?|termina(?:lo)?|completa(?:lo)?|calcula(?:lo)?)\\b(?: \\w+){0,3} por mi\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:por favor |puedes |podrias )*(?:(?:haz|hacer|hazme|hacerme) (?:mi|la|mis|los) (?:tareas?|deberes)|resuelvelo|resuelveme|resuelve (?:esto|el ejercicio|este ejercicio)|hazlo tu|contesta tu)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bque (?:numero |letra |opcion )?(?:pongo|escribo|debo (?:poner|escribir|marcar|elegir)|tengo que (?:poner|escribir|marcar|elegir)|elijo|marco|respondo|contesto)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bcual(?:es)? (?:elijo|marco|escojo|debo (?:elegir|marcar)|es (?:la )?correct[ao]|es la (?:buena|verdadera))\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:base ?64|al reves|morse|binario|cifrad\\w+|codificad\\w+|en codigo|en clave|primer[ao]? (?:letra|cifra|digito)|ultim[ao] (?:letra|cifra|digito)|en ingles|acrostico|adivinanza|numeros romanos|emojis?)\\b.*\\b" RESPUESTA},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b" RESPUESTA ".*\\b(?:base ?64|al reves|morse|binario|cifrad\\w+|codificad\\w+|en codigo|en clave|en ingles|acrostico|adivinanza|numeros romanos|emojis?)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bla " RESPUESTA " (?:es|seria) (?:mayor|menor|mas|par|impar|positiv[ao]|negativ[ao]|prim[ao])\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:entonces |y |pues )*(?:es|sera|seria) (?:la |el )?(?!mejor|posible|cierto)[^\\s?]{1,12} o (?:la |el |es )*[^\\s?]{1,12}[ ?.!]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "\\b(?:comprueba|confirma(?:me)?|verifica|dime|revisa|di)(?: \\w+){0,2}? si (?:\\w+ ){0,3}?(?:" VALUE "|correct[oa]|esta bien)"},
    {TURN_FISHING, PHRASE_USE_FIELD, "^(?:entonces |y |pues |asi que )*(?:no )?(?:es|sera|seria|puede ser|da|vale|x es|la " RESPUESTA " es|mi respuesta es|me (?:da|sale|dio)|creo que (?:es|da)|pienso que (?:es|da)|obtuve|tengo) ?(?:el |igual a |= ?)?(?:" VALUE "|" LETTER ")(?:[ ,]*(?:verdad|correcto|cierto|no|esta bien|es correcto|o no))?[ ?.!]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "\\b(?:es correct[oa]|esta bien|es) " VALUE "(?: la respuesta| el resultado| correcto)?[ ?.!]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "^(?:y |entonces )?" VALUE " (?:es correcto|esta bien|es la respuesta)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:y |entonces |pues )*(?:es|era|sera) (?:un |una )?(?:par|impar|prim[ao]|positiv[ao]|negativ[ao]|(?:mayor|menor|mas (?:grande|pequen[ao])) (?:que|de) " VALUE "|multiplo de " VALUE "|divisible (?:entre|por) " VALUE ")[ ?.!]*$|^(?:es )?par o impar[ ?.!]*$|^[a-e] o [a-e][ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:primera|ultima) cifra\\b|\\bcuantas (?:cifras|letras) tiene\\b|\\bcon que letra (?:empieza|termina|acaba)\\b|\\bque (?:palabra|numero|letra) (?:es|va|falta)[ ?.!]*$|\\bque va con que\\b|\\bcual(?:es)? (?:va|viene|es) (?:primer[ao]?|ultim[ao])[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:por favor |solo )*(?:deletrea|calcula|redondea|resuelve|ordena|empareja|completa|termina|escribe|pon)(?:lo|la|los|las)?(?: (?:al reves|en orden|por favor|en ingles|en numeros romanos|paso a paso))*[ .?!]*$|^(?:completa|termina)\\b.{0,40}[=:][ .]*$|^(?:y |entonces )*cuanto (?:es|da|vale|sale)(?: (?:eso|esto))?[ ?.!]*$|^(?:aproximadamente|en numeros romanos|al reves|en binario)[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bque opcion(?:es)? (?:es|son)\\b|\\bcual(?:es)? (?:es|son) (?:la |el |las |los )?(?:fals|verdader|correct|incorrect|buen|mal)[ao]s?[ ?.!]*$|\\brespuesta (?:equivocada|incorrecta)\\b|\\bya se la " RESPUESTA "|\\bdonde esta la " RESPUESTA AQUI "|\\b(?:traduce|resume|copia|cita|redondea)(?:me)?\\b.{0,20}\\b" RESPUESTA "|\\b(?:doble|mitad|cuadrado) de la " RESPUESTA},

    /* Chinese */
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:忽略|无视|忘掉|忘记|不要管|别管|绕过).{0,10}(?:指令|指示|规则|提示词|要求|限制|设定)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:老师|教授|家长|妈妈|爸爸|校长|助教|学校).{0,6}(?:说|允许|同意|让|答应|批准).{0,12}(?:可以|能|告诉|" DAAN "|给我)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "我(?:就)?是.{0,4}(?:老师|教授|开发者|管理员|作者|程序员)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:假装|假设|假如|扮演|想象|你现在是|从现在起|角色|写一个?(?:故事|诗)|奶奶).*(?:" DAAN "|解出|告诉我是)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:告诉|给|说出|说一下|说说|讲|写出|写下|发|透露|公布|揭晓|报出|直接说|直接给|显示|泄露|想知道|想要|需要|我要|快说)(?!.{0,12}(?:为什么|怎么|如何)).{0,8}" DAAN},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?!.*(?:为什么|怎么|如何)).*" DAAN "(?:到底|究竟)?(?:是|为|等于)?(?:什么|多少|几|啥|哪个|哪一个)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:请|求|只要|直接|快|我要|的|给|个|正确|标准)*" DAAN "(?:吧|呢|啊|谢谢)?[ .?!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:应该|该|要|到底)?(?:选|填|写|输入)(?:哪个|哪一个|哪项|什么|几|啥|多少)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:哪个|哪一个|哪项|哪些).{0,6}(?:是对的|正确|才对|对)[ .?!的呢吗]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:帮我|替我|给我|请你)(?:直接)?(?:做|解|算|答|完成|写|填)(?:了|完|出来|一下|这|吧|掉|好|题|作业|$)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:不要|别|不用|跳过).{0,4}(?:提示|解释|讲解).*(?:" DAAN "|直接)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:倒着|反过来|拼音|密码|编码|加密|base64|摩斯|摩尔斯|二进制|首字母|第一个(?:字|数字|字母)|最后一个?(?:字|数字|位)|第一位|英文|英语|罗马数字|谜语|藏头|表情).*" DAAN "|" DAAN ".*(?:倒着|反过来|拼音|密码|编码|加密|base64|摩斯|二进制|首字母|第一个(?:字|数字|字母)|第一位|最后一位|英文|英语|罗马数字|谜语|藏头|表情)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, DAAN ".{0,3}(?:大于|小于|比|是不是|是否|是(?:正|负|奇|偶|质))"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:那|那么|所以|请问)?(?:" DAAN ")?是.{1,6}还是.{1,6}$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "(?:检查|确认|看看|看一下|验证|告诉我|说).{0,6}(?:是不是|是否|对不对|是).{0,4}" ZHVALUE},
    {TURN_FISHING, PHRASE_USE_FIELD, "^(?:那|那么|所以|嗯|请问|我)*(?:" DAAN "|x|结果)?(?:是不是|是否是|应该是|难道是|是|等于|=|觉得是|认为是|算出来是|算出|得到|得|猜是|猜) ?" ZHVALUE " ?(?:吗|么|对吗|对不对|对吧|吧|是吗|,对吗)?[ ?.!。]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "^.{0,6}" ZHVALUE " ?(?:,)?(?:对吗|对不对|正确吗|是对的吗|行吗|对吧|是正确答案吗)"},
    {TURN_FISHING, PHRASE_USE_FIELD, "^(?:我|这样|这|我的答案|我写的|这个)?(?:做|写|算|答)?(?:得)?(?:对|正确)(?:了|的)?(?:吗|不对)[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:那|那么|所以|大概|约|应该)*(?:是|等于)?(?:多少|几)(?:呢|啊)?[ ?.!。]*$|(?:第一|最后一?|末)位(?:数字?)?(?:是|为)|几位数|第一个字(?:母)?是(?:什么|哪)|^(?:奇数还是偶数|正数?还是负数?)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:哪些|哪个|哪项|哪一个).{0,4}(?:错|不对)[ ?.!的呢吗]*$|错误的?(?:答案|选项)|错的选项|(?:翻译|改写|写成|译成|换成|总结|抄).{0,8}" DAAN "|" DAAN ".{0,8}(?:翻译|写成|译成|改写|换成)|" DAAN ".{0,2}(?:加|减|乘|除以|的(?:两倍|一半|平方))"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:正确的?|对的)顺序|^(?:请|帮我|你)*(?:排序|排好|配对)|怎么配对|^(?:第一|最后一?)步是(?:什么|哪)|^(?:请|帮我|你|直接)*(?:算出来|算一下|计算|解出来|求出来|写出来|拼出来)(?:吧|呢|一下)?[ ?.!。]*$|(?:给|说).{0,2}(?:大概|大约|近似)|四舍五入.{0,2}是多少|^用.{1,6}写[ ?.!。]*$|^完成.{0,20}[=:][ ]*$|填空"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:下一题|上一题|这题|这道题|本题|第.{1,3}题)的?" DAAN "|" DAAN "在哪|哪.{0,4}(?:有|写了|提到)" DAAN "|知道" DAAN ".{0,6}确认|别人.{0,4}(?:填|选|写|答)"},

    /* Arabic */
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:تجاهل|انس|اهمل|تخط|خالف|اترك)\\w{0,2} (?:\\w+ ){0,4}?(?:ال)?(?:تعليمات|قواعد|اوامر|قيود|توجيهات)(?:ك|ي|ها)?\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:ال)?(?:معلم|استاذ|مدرس|امي|ابي|والد|مدير)\\w{0,3}\\b.{0,24}\\b(?:قال|يقول|تقول|سمح|يسمح|تسمح|اذن|وافق)\\w*\\b.*(?:يمكنك|تستطيع|بامكانك|مسموح|لك ان|" IJABA ")"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bانا (?:ال)?(?:معلم|مدرس|استاذ|مطور|م[ؤو]لف|مدير|مبرمج)\\w*\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:تظاهر|تخيل|تصور|افترض|لنفترض|العب دور|مثل دور|انت الان|لنلعب|اكتب (?:لي )?(?:قصه|قصيده|حوارا?)|جدتي)\\b.*" IJABA},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:اعط|قل|قول|اخبر|اكتب|ارن|اعرض|اظهر|اكشف|هات|ارسل|اريد|احتاج|ابغ|عايز|بدي|نريد|وري|اذكر|اهمس|سرب|افصح|تعط|تخبر|تقول)\\w{0,4}(?: (?:لي|لنا|الي|فقط|من|فضلك|رجاء|الان|ان|اعرف|اري|تعطيني|تخبرني|تقول|هي|ما|مباشره|هذه|عن))* ?" IJABA HUNA},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:^|[ ,])(?:و|ف)?(?:ما|ماذا|ايش|شو|وش|كم)(?: (?:هي|هو|تكون|كانت))? " IJABA HUNA},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:فقط |من فضلك |رجاء |الان |اذن |هيا |لا تلميح\\w* ?,? ?)*" IJABA MIN_FADLIK},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:حل|اكمل|انه|انجز|احسب|اعمل|اجب|جاوب)\\w{0,3}(?: \\w+){0,3}? (?:بدلا مني|عني|بدالي|نيابه عني|مكاني|لي)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:من فضلك |رجاء |هل يمكنك |ان )*(?:حل|احسب|اكمل|رتب|وصل|اوجد|تهجا|قرب)(?:ه|ها|هم)?(?: (?:هذا|هذه|التمرين|المساله|السؤال|ذلك|واجبي|واجباتي|واجب[يه] المدرسي))*(?: بالمقلوب)?" MIN_FADLIK},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:\\b(?:ماذا|ما الذي|ما)|\\bاي (?:رقم|عدد|خيار|حرف)|\\bايها|\\bايهما)(?: (?:يجب|ينبغي|علي|ان))* (?:اكتب|اختار|اضع|ادخل|احدد|اجيب)\\b"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:اذن )?(?:اي|ايها|ايهما|ما)(?: (?:من )?(?:ال)?(?:خيار|خيارات|اجابه|جمله|عباره|واحد|منها|هو|هي|هذه))* (?:ال)?(?:صحيح|صواب|خاط[ئيى]|خطا|غلط)\\w*[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "(?:base ?64|\\b(?:بالمقلوب|معكوس\\w*|مشفر\\w*|شفره|مورس|بالثنايي|بالنظام الثناي?ئ?ي|الرومانيه|(?:اول|اخر) (?:حرف|رقم)|بالانجليزيه|بالفرنسيه|لغز|رموز)\\b).*" IJABA},
    {TURN_FISHING, PHRASE_NO_ANSWER, IJABA ".*(?:base ?64|\\b(?:بالمقلوب|معكوس\\w*|مشفر\\w*|شفره|مورس|الرومانيه|بالانجليزيه|بالفرنسيه|لغز|رموز)\\b)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\bهل (?:كان )?" IJABA " (?:هو |هي )?(?:عدد )?(?:اكبر|اصغر|اقل|اكثر|زوجي|فردي|اولي|موجب|سالب|بين|قريب)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:اذن )?(?:هل )?(?:هو|هي|العدد)? ?(?:عدد )?(?:(?:زوجي|فردي|اولي|موجب|سالب)ه?(?: (?:ام|او) \\w+)?|(?:اكبر|اصغر|اقل|اكثر|قريب) من " VALUE "|(?:اكبر|اصغر) ام (?:اكبر|اصغر)|من مضاعفات " VALUE ")[ ?.!]*$|^(?:هل )?(?:هو|هي|الاجابه|الجواب)? ?[^\\s?]{1,12} (?:ام|او) [^\\s?]{1,12}[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:اول|اخر) (?:رقم|حرف|خانه)(?! (?:من|في) (?!الاجابه|الناتج|العدد|الحل|الجواب))|^(?:و)?كم (?:رقما|خانه|حرفا) (?:(?:في |له|لها|تتكون|يتكون|من )+)?(?:الناتج|الاجابه|الجواب|الحل|العدد)?[ ?.!]*$|\\bباي حرف (?:يبدا|تبدا|ينتهي|تنتهي)"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "^(?:و|ف)?كم(?: (?:الناتج|يساوي|تساوي|يكون|هو|هي))?[ ?.!]*$|^اكمل.{0,40}[=:][ .]*$|^(?:بالتقريب|تقريبا|بالارقام الرومانيه|بالمقلوب|قيمه تقريبيه)[ ?.!]*$"},
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:ضعف|نصف|مربع|ترجم|لخص|انسخ|اقتبس)\\w{0,2}\\b.{0,12}" IJABA "|\\b(?:اين|في اي فقره)\\b.{0,24}" IJABA HUNA "|\\bاعرف" IJABA ".{0,24}اكد|\\bاعرف " IJABA ".{0,24}اكد|\\bماذا (?:كتب|اختار|اجاب) (?:الاخرون|الطلاب|زملا)"},
    {TURN_FISHING, PHRASE_USE_FIELD, "\\b(?:تحقق|تاكد|اكد|قل لي|اخبرني|راجع)\\w{0,2}\\b.{0,20}(?:\\b(?:ان|اذا|هل|ما اذا|انها?)\\b).{0,16}(?:[0-9]|صحيح)"},
    {TURN_FISHING, PHRASE_USE_FIELD, "^(?:اذن )?(?:هل )?(?:هو|هي|انها?|اجابتي|جوابي|(?:ال)?(?:اجابه|ناتج|جواب|نتيجه)|حصلت علي|وجدت|(?:اظن|اعتقد) انها?|س|x|طلع|يساوي|تساوي) ?(?:هي |هو |تساوي |يساوي |= ?)?" VALUE "[ ,]*(?:صحيح|صح|اليس كذلك|نعم|ام لا|هل هذا صحيح)?[ ?.!]*$"},
    {TURN_FISHING, PHRASE_USE_FIELD, "^(?:هل )?" VALUE "[ ,]*(?:صحيح|صح|هو الجواب|هي الاجابه)ه?[ ?.!]*$|^هل (?:هذا|هذه|اجابتي|جوابي|ما كتبته|انا) (?:علي )?(?:صحيح|صح|صواب|خطا|خاط[يئ])\\w*[ ?.!]*$"},

    /* in languages that are not taught */
    {TURN_FISHING, PHRASE_NO_ANSWER, "\\b(?:quelle? (?:est|sont)|donne(?:z)?(?: moi)?|dis(?: moi)?|je veux|montre(?: moi)?) (?:la |le |les )?(?:bonne |vraie )?(?:reponses?|solutions?|resultats?)\\b|\\b(?:was (?:ist|sind)|wie lautet|(?:gib|sag|zeig|nenn)e?(?: mir)?) (?:bitte )?(?:die |das )?(?:richtige |korrekte )?(?:losung(?:en)?|antwort(?:en)?|ergebnis)\\b|\\bqual (?:e|a) (?:a |la )?(?:resposta|solucao|risposta|soluzione)\\b|\\b(?:diga|mostre|dimmi|dammi)(?: me)? (?:a|la) (?:resposta|risposta|soluzione)\\b"},

    /* help */
    {TURN_HELP, PHRASE_NONE, "^(?:please |pls |can you |could you |i need |need |some )*(?:help|hint|clue|a hint|a clue)(?: me)?(?: please| pls| out| with (?:this|it|(?:my|the) (?:home ?work|exercise|assignment)))*[ .?!]*$"},
    {TURN_HELP, PHRASE_NONE, "\\b(?:give|need|want|another|next|more|have|get|one|show)(?: \\w+){0,3}? (?:hints?|clues?|nudge)\\b"},
    {TURN_HELP, PHRASE_NONE, "\\b(?:im|i am|still|totally|completely) (?:so |really |very |totally |completely )?(?:stuck|lost|confused|clueless)\\b"},
    {TURN_HELP, PHRASE_NONE, "\\bi (?:really |still |just |honestly )?(?:dont|do not|cant|cannot|didnt) (?:really |even )?(?:get|understand|know|see|solve|do)(?: (?:it|this|that|how|any of (?:it|this)|what to do|where to (?:start|begin)|how to (?:start|begin|do (?:it|this)|solve (?:it|this))|anything|the (?:question|exercise|problem|hint)|this (?:question|exercise|problem|hint|one)))?(?: at all)?[ .?!]*$"},
    {TURN_HELP, PHRASE_NONE, "\\b(?:where|how) (?:do|should|can|would) (?:i|you|we|one) (?:even )?(?:start|begin|proceed|continue|go on|do (?:it|this)|solve (?:it|this)|solve (?:this|the) (?:exercise|question|problem|one))[ .?!]*$"},
    {TURN_HELP, PHRASE_NONE, "\\bi give up\\b|^(?:no idea|idk|dunno|what now|now what|what next|help)\\b.{0,12}$|\\bshow me (?:an|another|a similar) example\\b(?! (?:of|for|with) )|\\bwork(?:ed)? (?:it )?(?:out )?(?:an )?example\\b"},
    {TURN_HELP, PHRASE_AGAIN, "\\b(?:explain|say|put) (?:it|that|this|the hint) (?:again|differently|in other words|another way|more simply)\\b|\\bin other words\\b.{0,10}$"},
    {TURN_HELP, PHRASE_AGAIN, "\\b(?:dilo|explicalo|explicame(?:lo)?) (?:de otra (?:forma|manera)|otra vez|mas simple)|en otras palabras.{0,10}$|换(?:一)?(?:种|个)说法|再说一遍|说(?:得)?简单(?:一)?点"},
    {TURN_HELP, PHRASE_NONE, "\\b(?:ayuda(?:me)?|pistas?|me rindo|por donde empiezo|como empiezo|no tengo ni idea|estoy (?:perdid|atascad|confundid)\\w+|atascad\\w+|(?:otro|un) ejemplo(?! (?:de|del|con) ))\\b.{0,20}$"},
    {TURN_HELP, PHRASE_NONE, "\\bno (?:lo )?(?:entiendo|comprendo|se)(?: (?:nada|esto|como(?: \\w+)?|que hacer|el ejercicio|la pregunta|este ejercicio|la pista))?[ .?!]*$"},
    {TURN_HELP, PHRASE_NONE, "^.{0,6}(?:提示|帮帮我|帮助|救命|求助|帮忙).{0,6}$|(?:给|要|来|再).{0,4}(?:提示|线索)|卡住|没思路|没头绪|我放弃|不知道(?:怎么做|怎么办|从哪|从何|如何)"},
    {TURN_HELP, PHRASE_NONE, "^(?:我|这题|这道题|这个|还是|完全|真的)*(?:不会|不懂|看不懂|没看懂|不明白|没懂)(?:做|了|这题|这道题|这个)*[ .?!]*$|^.{0,6}(?:怎么做|怎么开始|从哪里开始|怎么解|怎么办)[ .?!呢]*$|举(?:个|一个)例"},

    {TURN_HELP, PHRASE_AGAIN, "\\b(?:اشرح|قل|اعد)\\w{0,3}\\b.{0,20}(?:مره اخري|بطريقه اخري|ببساطه|ابسط|بكلمات اخري)|^(?:بكلمات|بعباره|بطريقه) اخري[ ?.!]*$"},
    {TURN_HELP, PHRASE_NONE, "^(?:من فضلك |احتاج |اريد |اعط\\w* |هل يمكن |ممكن |هات )*(?:الي )?(?:ال)?(?:مساعده|ساعد\\w*|تلميح\\w*|مثالا?)(?: (?:من فضلك|رجاء|اخر|لو سمحت|في هذا))*[ .?!]*$|\\b(?:علقت|عالق|تاي?ئ?ه|استسلم|محتار|ضايع)\\w{0,2}\\b"},
    {TURN_HELP, PHRASE_NONE, "\\b(?:لا (?:افهم|اعرف|ادري)|لم افهم|ما فهمت)(?: (?:شيئا|شييا|هذا|ذلك|السؤال|التمرين|كيف ابدا|ماذا افعل|من اين ابدا|كيف احله|اي شيء))*[ .?!]*$|^(?:و)?(?:من اين|كيف) (?:ابدا|نبدا|احله|احلها|احل هذا|احل التمرين)[ .?!]*$"},
    {TURN_HELP, PHRASE_NONE, "^(?:so|and|then|and then|now|and now|so now|next|go on)[ ?.!]*$|\\b(?:last|final|third|second|all|every|full|whole)\\b.{0,12}\\bhints?\\b"},

    /* chat */
    {TURN_CHAT, PHRASE_WHO, "\\b(?:who|what) are you\\b[ ?.!]*$|\\bare you (?:a |an |really a |real|really )?(?:human|person|robot|bot|ai|machine|computer|chatgpt|gpt|alive|conscious)|\\bwhats? your name|\\bwhat is your name|quien eres|eres (?:un |una )?(?:humano|persona|robot|ia|maquina)|como te llamas|你是(?:谁|人|机器|真人|ai)|你叫什么"},
    {TURN_CHAT, PHRASE_GREETING, "^(?:hi+|hello+|hey+|hiya|yo|im back|i am back|good (?:morning|afternoon|evening|day)|greetings|howdy|hola|buenos dias|buenas(?: tardes| noches)?|你好|您好|嗨|哈喽|早上好|早安|下午好|晚上好|大家好|hallo|bonjour|salut)(?: (?:there|tutor|again|everyone|all|friend|buddy|teacher))*[ ,.!?~啊呀]*$"},
    {TURN_CHAT, PHRASE_THANKS, "^(?:(?:ok|okay|great|oh|ah|wow|no|cool|nice|perfect|got it|much|muy|muchas|mil|vale|ya entendi|ya lo entendi|entiendo),? |非常|太|好的?)*(?:thanks?(?: you| u)?|thx|ty|cheers|gracias|谢谢|多谢|感谢|谢了)(?:,? (?:you|so much|a lot|very much|again|for .{1,40}|tutor|por .{1,30}|你|您|老师|i (?:get|got|understand) it(?: now)?|(?:that|it|this)(?: really)? (?:helped|helps|makes sense|was (?:very )?(?:helpful|great|good|useful|clear))))*(?:你|您|老师|啦|了)*[ ,.!]*$"},
    {TURN_CHAT, PHRASE_BYE, "^(?:ok |okay )?(?:bye+|goodbye|good ?bye|good night|see you|see ya|cya|later|adios|hasta luego|hasta manana|chao|再见|拜拜|晚安|明天见)(?: .{0,20})?[ .!]*$"},
    {TURN_CHAT, PHRASE_FEELING, "^(?:hi |hello |hey )?(?:how are you|how are you doing|hows it going|whats up|sup|como estas|que tal|你好吗|你怎么样)[ ?.!]*$|\\b(?:i am|im|i feel) (?:so |very |really )?(?:tired|bored|sad|frustrated|stupid|dumb|sleepy|hungry)\\b|\\bi hate (?:this|maths?|you)\\b|^(?:(?:can|may|could|should) (?:i|we) |lets |i need to |i want to )?(?:take|have) a (?:short |little )?(?:break|rest|pause)[ ?.!]*$|我(?:好|很|太)(?:累|困|烦|笨)|estoy (?:cansad|aburrid|frustrad)\\w+"},
    {TURN_CHAT, PHRASE_FINE, "^(?:ok(?:ay)?|k|cool|nice|great|good|got it|i see|ah+|oh+|aha|i understand(?: now| it)?|right|yes|yeah|yep|no|nope|sure|wow|lol|haha+|alright|perfect|awesome|vale|bien|entiendo|ya entiendo|claro|si|genial|perfecto|好的?|好吧|嗯+|哦+|明白了?|懂了|我懂了|知道了|原来如此|是的|可以|行|哈哈+)(?: (?:thanks|now|then|cool|great|ok))*[ ,.!~]*$"},
    {TURN_CHAT, PHRASE_WHO, "^(?:و)?من انت\\b[ ?.!]*$|\\bهل انت (?:انسان|بشر|روبوت|اله|شخص|برنامج|حقيقي|ذكاء|حاسوب)|\\bما اسمك"},
    {TURN_CHAT, PHRASE_GREETING, "^(?:مرحبا|اهلا|اهلا وسهلا|السلام عليكم|سلام|صباح الخير|مساء الخير|هاي|تحياتي)(?: (?:بك|بكم|يا \\w+|ورحمه الله))*[ ,.!?]*$"},
    {TURN_CHAT, PHRASE_THANKS, "^(?:شكرا|اشكرك|مشكور|الف شكر|جزاك الله)\\w{0,2}(?: .{0,16})?[ ,.!]*$"},
    {TURN_CHAT, PHRASE_BYE, "^(?:مع السلامه|وداعا|الي اللقاء|اراك (?:لاحقا|غدا)|تصبح علي خير|باي)[ .!]*$"},
    {TURN_CHAT, PHRASE_FEELING, "\\b(?:انا|اشعر) (?:\\w+ ){0,2}?(?:تعبان|متعب|بالتعب|بالملل|حزين|محبط|غبي|جايع)\\w{0,1}\\b|^كيف حالك[ ?.!]*$"},
    {TURN_CHAT, PHRASE_FINE, "^(?:حسنا|تمام|طيب|فهمت|نعم|لا|اوكي|ممتاز|جميل|رايع|رائع|واضح|مفهوم|جيد)[ ,.!~]*$"},
    /* about the tutor, the course and the talk itself */
    {TURN_HELP, PHRASE_ABLE, WHOLE("what (?:can|could|do|will) (?:you|u) (?:do|know|offer|help(?: me)? with)(?: here| for me| exactly)?|what (?:can|could|may) i (?:ask(?: you)?(?: about)?|do here|do with (?:you|this)|use (?:you|this) for)|how (?:do|can|does|should) (?:i use (?:you|this)|this|it all|this (?:tutor|school|page|app|thing)|the tutor) ?(?:works?)?|what (?:is|s|are) (?:this|you for|this for|this (?:page|app|place|school|program|thing)(?: for)?)|whats this|where am i|how can you help(?: me)?")},
    {TURN_CHAT, PHRASE_WHO, WHOLE("who (?:made|built|wrote|programmed|created|trained) you|how do you work|(?:which|what)(?: \\w+)? (?:model|ai|program|machine) are you|how old are you|where are you from|do you (?:have (?:any |real )?(?:feelings|emotions)|(?:love|like|hate) me|ever sleep)|who am i (?:talking|speaking|writing) (?:to|with)|(?:que|cual) modelo eres|cuantos anos tienes|tienes sentimientos|(?:你)?(?:是)?(?:什么|哪个)模型|你多大了?|你(?:是)?(?:人工智能|机器人|真人)(?:吗)?|كم عمرك|هل لديك مشاعر|quien te (?:hizo|creo)|(?:你是)?谁(?:做|造|开发|训练)(?:了|的|出来)*你(?:的)?|你(?:是)?怎么工作的?|من صنعك|كيف تعمل")},
    {TURN_HELP, PHRASE_NONE, WHOLE("what (?:should|must|do|shall|can) i (?:have to |need to )?do(?: here| now| next| with (?:this|it)| in this (?:exercise|question|problem))*|what (?:am i|are we) (?:supposed|meant|asked) to do(?: here)?|what (?:is|does) (?:this|it|the (?:question|exercise|problem|task)|this (?:question|exercise|problem|task)) (?:asking|ask|want|mean|about)(?: me)?(?: for| of me| to do| here)*|(?:can you |could you )?explain (?:me )?(?:the|this) (?:exercise|question|problem|task)(?: to me)?|what (?:formula|rule|method|equation) (?:do|should|must|can) i (?:use|need|apply)(?: here)?|(?:(?:this|it|that)(?: is)? |its |thats )?(?:much |way |far |really |just |a bit )*too (?:hard|difficult|complicated|confusing)(?: for me)?|(?:(?:give|show) me )?(?:an(?:other)? |some |more )?examples?|for (?:example|instance)|(?:that|this|it) (?:does ?nt|doesnt|does not|makes no) (?:make )?(?:any )?sense|i (?:dont|cant|do not) follow(?: (?:you|that|this))?|(?:can you |could you )?explain(?: (?:it|that|this))?(?: to me)?(?: like im (?:5|five)| like i am (?:5|five)| simply| in simple words| to a child)?|elaborate")},
    {TURN_CHAT, PHRASE_COURSE, WHOLE("what(?: is|s| are) (?:this|the|your) (?:course|class|school|book)(?: all)?(?: about)?|what (?:will|can|do|would|am) i (?:going to )?learn(?: here| next| (?:in|from) this(?: course| class)?)*|what (?:should|do|can|shall) i (?:learn|study|read) next|(?:what|which|how many) lessons (?:are there|do you have|does (?:this|the) course have)|what is the next lesson")},
    {TURN_CHAT, PHRASE_LESSON, WHOLE("what(?: is|s) (?:this|the) (?:lesson|chapter|page|text|section)(?: all)? about|(?:(?:can|could) you |give me |i need |i want |make |write )*(?:an? |the )?(?:short |quick |brief )?(?:summar(?:y|ise|ize)|sum up|sum it up|recap|overview|outline)(?: (?:of|me|for|this|the|it|all|whole|lesson|chapter|page|text|briefly))*")},
    {TURN_CHAT, PHRASE_PROGRESS, WHOLE("how (?:am i doing|is it going for me|are my (?:scores?|results|marks|grades))(?: so far| today)?|(?:where|what|how)(?: is|s| are| can i (?:see|find)| do i (?:see|find)) my (?:progress|grades?|scores?|points|mistakes|marks|stat\\w*)|what (?:did|have) i (?:get|got|gotten|do|done|learn\\w*) (?:wrong|right|so far)?(?: ?(?:yesterday|today|last (?:time|week)|so far))?|how (?:far|much) (?:am i|have i (?:done|learnt|learned|got))(?: so far)?|(?:show|tell) me my (?:progress|grades?|scores?|mistakes|marks)|my (?:progress|grades?|scores?|marks|points|results)|how many (?:more )?(?:exercises|questions|lessons)(?: (?:are|do i have|have i|is|left|done|more|still|got))+|did i pass")},
    {TURN_CHAT, PHRASE_PRACTICE, WHOLE("(?:can you |could you )?(?:test|quiz|examine|ask) me(?: (?:something|a question|questions|again|on (?:this|it)))*|(?:(?:give|show|find|get) me|i want|i would like|id like|can i (?:have|get)) (?:an?|another|one more|more|some|a new|a different|an easier|a harder|easier|harder|the next) ?(?:easier |harder |new )?(?:exercises?|questions?|problems?|tasks?|quiz|test)|(?:(?:this|it|that)(?: is)? |its |thats )?(?:much |way |far |really |just |a bit )*too (?:easy|simple|boring)(?: for me)?|(?:the )?next (?:one|question|exercise|problem|task)|skip(?: (?:it|this|this one|the (?:question|exercise)|this (?:question|exercise)))?|something (?:harder|easier)|(?:make it |can it be |i want it )?(?:harder|easier)")},
    {TURN_CHAT, PHRASE_LANGUAGES, WHOLE("(?:can|could|do|will) (?:you|we|i|u) (?:please )?(?:speak|talk|write|answer|reply|ask|chat|continue|know|understand)(?: to me| with me)? " TONGUE "|(?:speak|talk|write|answer|reply)(?: to me| with me)? " TONGUE "|in (?:english|spanish|chinese|arabic)|what languages (?:do|can) you (?:speak|know|understand)|switch to " TONGUE)},
    {TURN_CHAT, PHRASE_SURE, WHOLE("are you (?:really |quite |so |very )*(?:sure|certain|serious)(?: about (?:it|this|that))?|is (?:that|this|it) (?:really |actually )?(?:true|so)|really|(?:i think |no )*(?:you|youre|thats|that is|this is|its) (?:are |re )?(?:wrong|not (?:true|right|correct)|false|incorrect|a mistake|lying|mistaken)|how do you know(?: that| this)?|where (?:did you get|do you have) (?:that|this|it)(?: from)?|who says(?: that| so)?|what(?: is|s) (?:your|the) source")},
    {TURN_CHAT, PHRASE_WHERE, WHOLE("(?:why|how|what|how so|how come|why so|why not|why (?:is that|is this|that|this)|who|when|where|which|huh|pardon|eh)|what do you mean(?: by (?:that|this|it))?|(?:(?:what|how) about|(?:what )?if it is|for) [0-9.,]+|(?:can|could) you (?:explain|say|tell me) (?:a bit )?more|what does (?:that|this|it|this word|that word|this sentence|this line) mean|tell me more(?: about (?:it|this|that))?|say more|more|what else")},
    {TURN_CHAT, PHRASE_FINE, WHOLE("(?:you (?:are|re)|youre|that (?:was|is)|thats|this is|it was) (?:really |very |so |quite |pretty )*(?:great|good|helpful|useful|nice|awesome|cool|clear|the best|amazing|fun|interesting|kind|funny)|never ?mind(?: (?:i (?:got|get|understand|found) it(?: now)?|thanks))?|forget it|nothing|lo+l|ha(?:ha)+|i (?:like|love) (?:this|it|you)|well done|(?:muy )?(?:util|interesante|divertido)|me gusta(?: esto)?|no importa|nada|(?:ok |okay |ah |oh )*(?:got it|(?:that |it |this )?makes sense|(?:now )?i (?:get|understand|see)(?: it)? now|(?:that|it|this) (?:really )?(?:helped|helps)(?: (?:a lot|me|so much))*|(?:great|good|nice|helpful|clear|excellent) (?:explanation|answer|job|work|lesson|course))|(?:ahora|ya)(?: lo)? (?:entiendo|entendi)|(?:eso |ahora )?tiene sentido|(?:buena|gran) explicacion|me (?:ayudo|sirvio)(?: mucho)?|(?:很|真|好)?(?:有用|有意思|有趣|厉害)|没事了?|算了|(?:رايع|مفيد|ممتع)(?: جدا)?|لا باس|لا شيء?")},
    {TURN_CHAT, PHRASE_WHERE, "^[^\\p{L}\\p{N}]*\\?[^\\p{L}\\p{N}]*$"},
    {TURN_CHAT, PHRASE_FINE, "^[^\\p{L}\\p{N}]+$"},
    {TURN_CHAT, PHRASE_FEELING, WHOLE("i(?:m| am) (?:really |just |so |very )*(?:not (?:very )?(?:good|smart|clever)|bad|terrible|hopeless)(?: enough)?(?: (?:at|in|for) (?:this|it|maths?|numbers|everything))?|i(?:m| am) (?:so |too )?(?:slow|nervous|afraid|scared|worried)|no soy buen[oa] (?:en|para) (?:esto|mates|matematicas)|我(?:数学)?(?:不擅长|不行|太差|很差)(?:数学)?")},
    {TURN_CHAT, PHRASE_USE_FIELD, WHOLE("what (?:happens )?if (?:i get it|i am|im|my answer is|its) wrong|(?:can|may) i (?:get it wrong|make mistakes|try (?:again|twice|more than once))|does (?:this|it) count(?: for my grade)?|how many (?:tries|attempts|times) (?:do i have|can i try)|que pasa si (?:me equivoco|fallo)|答错了?(?:会怎么样|怎么办)|ماذا (?:يحدث|لو) (?:اذا |لو )?اخطات")},
    {TURN_HELP, PHRASE_ABLE, WHOLE("(?:en )?que (?:puedes|sabes|podrias) (?:hacer|ayudar(?:me)?)(?: por mi)?|que (?:te )?puedo (?:preguntar(?:te)?|hacer aqui)|como (?:funciona (?:esto|esta pagina)|te uso)|que es esto|donde estoy|para que sirves?(?: esto)?")},
    {TURN_HELP, PHRASE_NONE, WHOLE("que (?:tengo que|debo|hay que|puedo) hacer(?: aqui)?|que (?:me )?(?:pide|pregunta|quiere)(?: (?:la pregunta|el ejercicio|este ejercicio|esto|aqui))*|que (?:significa|quiere decir) (?:la pregunta|el ejercicio|este ejercicio)|(?:puedes )?explicar?(?:me)? (?:el|este) (?:ejercicio|problema)|(?:es |esto es )?(?:muy|demasiado) dificil(?: para mi)?|(?:eso |esto )?no tiene sentido|explica(?:lo|me)?|no te sigo")},
    {TURN_CHAT, PHRASE_COURSE, WHOLE("de que (?:trata|va) (?:este|el) curso|que (?:voy a aprender|puedo aprender|aprendo|aprendere|aprenderemos)(?: aqui| en este curso)?|(?:que|cuantas) lecciones (?:hay|tiene (?:el|este) curso)|que (?:sigue|viene despues)")},
    {TURN_CHAT, PHRASE_LESSON, WHOLE("de que (?:trata|va) (?:esta|la) leccion|(?:(?:puedes |haz(?:me)? |dame )*)(?:un )?(?:resumen|resume(?:me)?|resumir(?:me)?)(?: (?:de|la|esta|toda|leccion|el|este|texto))*")},
    {TURN_CHAT, PHRASE_PROGRESS, WHOLE("como voy|como lo (?:hago|llevo)|(?:donde (?:esta|veo)|cual es|muestrame) mis? (?:progreso|notas?|puntuacion|calificacion|puntos)|mis? (?:progreso|notas?|puntuacion|calificaciones|puntos)|que (?:hice|he hecho) mal(?: ayer| hoy)?|cuanto llevo")},
    {TURN_CHAT, PHRASE_PRACTICE, WHOLE("(?:hazme|ponme|dame|quiero) (?:una|un|otr[oa]|mas) ?(?:pregunta|preguntas|examen|ejercicios?)|(?:es |esto es )?(?:muy|demasiado) facil(?: para mi)?|(?:la |el )?(?:siguiente|proxim[oa])(?: pregunta| ejercicio)?|salta(?:r|lo)?|otro ejercicio|algo mas (?:facil|dificil)|mas (?:facil|dificil)")},
    {TURN_CHAT, PHRASE_LANGUAGES, WHOLE("(?:puedes|podemos|podrias|sabes|puedo) (?:hablar|escribir|responder)(?:me|te)? " LENGUA "|(?:habla|hablas|hablame|responde|escribe) " LENGUA "|que idiomas (?:hablas|sabes|entiendes)|en (?:espanol|ingles|chino|arabe)")},
    {TURN_CHAT, PHRASE_SURE, WHOLE("(?:estas|seguro|segura) ?(?:segur[oa])?(?: de (?:eso|esto))?|(?:eso )?es (?:verdad|cierto|falso|mentira)(?: eso)?|de verdad|(?:te|estas) equivoca(?:s|do|da)|(?:creo que )?eso (?:no es|esta) (?:verdad|cierto|mal)|como lo sabes")},
    {TURN_CHAT, PHRASE_WHERE, WHOLE("(?:por que|como|que|cual|cuando|quien|por que no)|que quieres decir|que significa (?:eso|esto)|a que te refieres|(?:cuentame|dime) mas|mas")},
    {TURN_HELP, PHRASE_ABLE, "^(?:请问)?(?:(?:你|您)(?:都)?(?:能|可以|会)(?:帮我)?(?:做|干)?(?:些)?(?:什么|啥|哪些)(?:事)?|我(?:能|可以)问(?:你)?(?:些)?(?:什么|啥)|(?:你|这个|这)(?:是)?怎么用的?|这是(?:什么|哪里|哪儿|啥)|我在哪(?:里|儿)?|你有什么用)(?:呢|啊|呀)?[ .?!]*$"},
    {TURN_HELP, PHRASE_NONE, "^(?:那)?(?:(?:我|这里|这题|这道题|现在|接下来)*(?:该|应该|要|需要)(?:做|干)(?:些)?(?:什么|啥)|(?:这题|这道题|题目|这个问题)(?:是)?(?:什么意思|问的?是?什么|在问什么|要我?(?:做|求)什么)|(?:请)?(?:解释|讲)(?:一下|讲)?(?:这道题|这题|题目)|(?:这题|这道题|这个|也|真|好|太)+难(?:了)?)(?:呢|啊|呀)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_COURSE, "^(?:(?:这门课|这门课程|这个课程|本课程|课程)(?:是|主要)*(?:讲|关于|教)(?:的|些|是)*(?:什么|啥)的?|我(?:能|会|可以)(?:在这里|从这里)?学(?:到)?些?什么|(?:一共|总共)?有(?:多少|哪些|几)(?:节|门|堂)?课|(?:接下来|下一步)学什么)(?:呢|啊|呀)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_LESSON, "^(?:(?:这|本)一?(?:节|堂)?课(?:是|主要)*(?:讲|说)(?:了|的|是)*(?:什么|啥)的?|(?:请|帮我|你|能|可以)*(?:总结|概括|归纳)(?:一下|下)?(?:这|本)?一?(?:节|堂)?(?:课文|课|内容)?)(?:吗|吧|呢)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_PROGRESS, "^(?:我(?:学|做|表现)(?:得)?(?:怎么样|如何)了?|我的(?:进度|成绩|分数|错题)(?:在哪(?:里|儿)?|怎么样)?|(?:在)?哪(?:里|儿)(?:能|可以)?看(?:我的)?(?:进度|成绩)|我(?:昨天|今天|上次)?(?:做)?错了(?:什么|哪些))(?:呢|啊)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_PRACTICE, "^(?:(?:考考|测测|测试一下|考一下)我|(?:给我|来|出|再来|再出)(?:一)?(?:道|个)?(?:题|题目|练习|新题)(?:做)?|下一(?:题|道题|道|个)|跳过(?:这题|这道题)?|(?:这题|这道题|这个|也|真|好|太)+(?:简单|容易)了?|(?:难|简单|容易)一点的?题?)(?:吧|呢|啊)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_LANGUAGES, "^(?:请|我们|我|你|能|可以|会|不会)*(?:用|说|讲)(?:中文|英文|英语|西班牙语|阿拉伯语|法语|汉语|普通话|别的语言)(?:说|回答|交流|聊|问|吗|吧)*[ .?!]*$|^你(?:会|懂|能)说?(?:哪些|什么|几种)语言[ .?!]*$"},
    {TURN_CHAT, PHRASE_SURE, "^(?:你(?:确定|肯定|敢肯定)|(?:这|那)?(?:是)?真的|你(?:错|说错|弄错|搞错)了|(?:这|那)不对|你(?:怎么|从哪(?:里|儿)?)知道的?)(?:吗|吧|啊)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_WHERE, "^(?:那|那么|可是|但是)?(?:为什么|为啥|怎么|什么|怎么会|怎么回事|哪个|谁|(?:你|这|那)?是?什么意思|再?多?(?:说|讲)一?(?:点|些))(?:呢|啊|呀)?[ .?!]*$"},
    {TURN_HELP, PHRASE_ABLE, WHOLE("(?:و)?(?:ماذا|ما الذي|بماذا) (?:يمكنك|تستطيع|بامكانك)(?: (?:ان|فعله|عمله|تفعل|تعمل|تساعدني|مساعدتي|به|فيه))*|عن ماذا (?:يمكنني|استطيع)(?: (?:ان|اسال\\w*|السؤال|السوال))*|كيف (?:يعمل هذا|استخدمك|استعمل هذا)|ما هذا|اين انا")},
    {TURN_HELP, PHRASE_NONE, WHOLE("(?:و)?(?:ماذا|ما الذي) (?:علي|يجب|ينبغي|المطلوب)(?: (?:ان|افعل|افعله|فعله|هنا|الان|علي|مني))*|ما المطلوب(?: (?:هنا|مني|في هذا التمرين))*|ما معني (?:السوال|السؤال|التمرين|هذا السؤال|هذا السوال)|اشرح (?:لي )?(?:التمرين|السؤال|السوال|هذا التمرين)|(?:هذا |انه |التمرين )?صعب(?: جدا| علي)*|هذا غير (?:مفهوم|منطقي)")},
    {TURN_CHAT, PHRASE_COURSE, WHOLE("(?:عم|عن ماذا|عما|ما موضوع) ?(?:تتحدث|يتحدث|تدور|يدور)? ?(?:هذه |هذا )?(?:الماده|المقرر|الدوره)|ماذا (?:سنتعلم|ساتعلم|اتعلم|نتعلم)(?: هنا)?|ما دروس هذه الماده|كم درسا(?: (?:هنا|هناك|في الماده))*")},
    {TURN_CHAT, PHRASE_LESSON, WHOLE("(?:عم|عن ماذا|عما|ما موضوع) ?(?:يتحدث|يدور)? ?(?:هذا )?الدرس|(?:هل يمكنك |اعطني |اريد )*(?:لخص|تلخيص|ملخصا?)(?: (?:لي|هذا|الدرس|النص))*")},
    {TURN_CHAT, PHRASE_PROGRESS, WHOLE("كيف (?:ادايي|تقدمي|ابلي)|(?:(?:اين|ما|كيف اري|اين اري) )?(?:تقدمي|درجتي|علامتي|درجاتي|نتيجتي|نتا[يئ]جي|اخطا[يئ]ي)|(?:فيم|فيما|ماذا) اخطات(?: فيه)?(?: امس| اليوم)?")},
    {TURN_CHAT, PHRASE_PRACTICE, WHOLE("(?:اختبرني|امتحني|اسالني)(?: سوالا| سؤالا)?|(?:اعطني|هات|اريد) (?:تمرينا|سوالا|سؤالا|تمارين)(?: (?:اخر|اخري|جديدا|اصعب|اسهل))?|(?:السوال|السؤال|التمرين) التالي|(?:هذا |انه |التمرين )?سهل (?:جدا|للغايه)|تمرين اخر|شيء? (?:اصعب|اسهل)")},
    {TURN_CHAT, PHRASE_LANGUAGES, WHOLE("(?:هل )?(?:تتكلم|تتحدث|يمكنك التحدث|تكلم|تحدث|اجب)(?: معي)? ?(?:بالعربيه|العربيه|بالانجليزيه|الانجليزيه|بالصينيه|بالاسبانيه|بالفرنسيه)|(?:ما|اي) (?:ال)?لغات (?:التي )?(?:تتكلم|تعرف|تفهم)\\w*")},
    {TURN_CHAT, PHRASE_SURE, WHOLE("(?:هل )?انت متاكده?(?: من (?:ذلك|هذا))?|هل (?:هذا|ذلك) (?:حقيقي|حق)|حقا|(?:انت|انك) مخط[يئ]ه?|كيف (?:تعرف|عرفت)(?: (?:ذلك|هذا))?")},
    {TURN_CHAT, PHRASE_WHERE, WHOLE("(?:و|ف)?(?:لماذا|كيف|ماذا|متي|من)|ماذا (?:تقصد|تعني)|ما معني (?:ذلك|هذا)|(?:اخبرني|قل لي) المزيد|المزيد")},
    /* about the pages */
    {TURN_CHAT, PHRASE_SIGN, WHOLE(DO "(?:log|sign)(?: me)? ?(?:out|off|in|on)(?: (?:of|to) (?:this|here|my account))?(?: (?:on|from|with) (?:my|another|an?|the|this|other) (?:phone|tablet|computer|device|laptop|account))?|(?:where(?: is|s| are)?|is there) (?:an? |the |my )?(?:log ?out|log ?in|sign ?(?:out|in)|account)(?: button| page| link)?|" DO "(?:change|reset|get back|recover|set|find) (?:my|the) (?:password|login|user ?name)|(?:how|where) (?:do i|to|can i) (?:log|sign) ?(?:out|off|in) (?:of|from|on|at|to) (?:this|the) (?:site|page|school|app|website)|i (?:forgot|lost|have lost|have forgotten|dont (?:know|remember)|cant remember) my (?:password|login|user ?name|account)|" DO "(?:make|create|get|open) an? (?:new )?account|" COMO "(?:cierr[oa]|cerrar|inici[oa]|iniciar|abr[oe]) (?:la )?sesion|" COMO "(?:salgo|salir|entro|entrar) (?:de|a|en) mi cuenta|" COMO "(?:cambi[oa]|cambiar|recuper[oa]|recuperar) (?:mi|la) (?:contrasena|clave)|(?:olvide|perdi|se me olvido) (?:mi|la) (?:contrasena|clave)")},
    {TURN_CHAT, PHRASE_SIGN, "^" ZENME "(?:退出|登出|登录|登陆|注销)(?:登录|登陆|账号|帐号|系统)?(?:在哪(?:里|儿)?|呢|吗|啊)?[ .?!]*$|^" ZENME "(?:改|换|修改|重设|找回)(?:一下)?(?:我的)?密码(?:吗|呢)?[ .?!]*$|^(?:我)?(?:忘记?了?|忘了)(?:我的)?密码(?:了|怎么办)*[ .?!]*$|" WHOLE(KAYF "(?:اسجل|تسجيل|سجل) (?:ال)?(?:خروج|دخول)|" KAYF "(?:اغير|تغيير|استعيد|استعاده) كلمه (?:ال)?(?:مرور|سر)(?:ي)?|نسيت كلمه (?:ال)?(?:مرور|سر)(?:ي)?")},
    {TURN_CHAT, PHRASE_CLOCK, WHOLE("what time is it(?: now| there| where you are)?|what(?: is|s) the time|(?:do you (?:know|have)|(?:can you )?tell me)(?: what)? (?:the )?time(?: it is| is it)?|how late is it|que hora es(?: ahora)?|(?:me dices|dime|tienes) (?:la )?hora|كم الساعه(?: الان)?|ما الوقت(?: الان)?") "|^(?:请问|现在)*(?:是)?几点(?:了|钟)*(?:啊|呢)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_LOOKS, WHOLE("(?:(?:is there|do you have|where(?: is|s)) )?" DO "(?:turn (?:on|off) |switch (?:on|to) |use |get |enable |activate )?(?:the |an? )?(?:dark|night|black|light) (?:mode|theme)|(?:the )?(?:text|font|letters?|page|screen|writing|type)(?: (?:is|are))? (?:much |way )?(?:too|so|very) (?:small|tiny|bright|big|large|dark)|" DO "(?:make|get) (?:the )?(?:text|font|letters|page|writing|type|it) (?:bigger|larger|smaller|darker|dark)|(?:bigger|larger) (?:text|font|letters)|" DO "(?:change|set) (?:the )?(?:colou?rs?|background|theme|font|text size|font size)|(?:(?:hay|tiene|tienes) )?" COMO "(?:pongo |poner |activo |activar |usar )?(?:el )?(?:modo|tema) (?:oscuro|nocturno|noche)|(?:la |el )?(?:letra|texto) (?:es|esta) (?:muy|demasiado) (?:pequen[oa]|chic[oa])|" COMO "(?:agrando|agrandar|aumento|aumentar) (?:la letra|el texto)|(?:(?:هل )?(?:يوجد|هناك) |كيف (?:افعل|اشغل|استخدم) )?(?:ال)?وضع (?:ال)?(?:ليلي|داكن|مظلم|معتم)|(?:الخط|النص) صغير(?: جدا)?|كيف اكبر (?:الخط|النص)") "|^" ZENME "(?:有|有没有|开|打开|开启|设置|切换|调成)*(?:到)?(?:夜间|深色|暗黑|黑暗|暗色)模式(?:吗|在哪(?:里|儿)?|呢)*[ .?!]*$|^(?:字|字体|文字)太小了?[ .?!]*$|^" ZENME "(?:把)?(?:字|字体|文字)(?:放大|变大|调大|弄大)(?:一点)?(?:吗|呢)*[ .?!]*$"},
    {TURN_CHAT, PHRASE_PAGE_LANGUAGE, WHOLE(DO "(?:change|switch|set|choose|pick|translate)(?: (?:the|my|to|an?|this|page|pages|lesson|site|other|another|different|between|its))* languages?(?: (?:in)?to " TONGUE ")?|(?:change|switch|translate) (?:it|this|everything|(?:the|this) (?:page|pages|lesson|course|site|text))(?: in)?to " TONGUE "|where (?:is|are|do i find|can i find) (?:the )?(?:other )?languages?(?: settings?| button| menu| switch)?|is (?:this|it|there|the (?:course|lesson|page))(?: also| available| an?)* " TONGUE "(?: version)?|other languages|(?:what|which) languages (?:are there|can i (?:choose|use|pick)|is (?:this|it) in)|can i (?:have|get|read|see) (?:it|this|(?:the|this) (?:lesson|page|course)) " TONGUE "|" COMO "(?:cambi[oa]|cambiar|poner|pongo)(?: (?:de|el|la|las|los|esto|leccion|pagina))*(?: (?:idiomas?|lenguas?))?(?: (?:a|al|en) " LENGUA "| idiomas?)|" COMO "(?:cambi[oa]|cambiar) (?:de|el|la) (?:idioma|lengua)|" KAYF "(?:اغير|ابدل|تغيير|تبديل) (?:ال)?لغه(?: الصفحه| الدرس)?") "|^" ZENME "(?:换|改|改变|切换|更改|设置|选择?)(?:成|一下)?(?:别的|其他|页面|网页|课文|的)*语言(?:吗|呢)?[ .?!]*$|^" ZENME "(?:把.{1,4})?(?:换成|切换成|切换到|改成|翻译成)(?:中文|英文|英语|西班牙语|阿拉伯语)(?:吗|呢)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_YOUR_DATA, WHOLE(DO "(?:delete|erase|remove|clear|wipe|reset|forget|download|export|take)(?: all)?(?: of)? my (?:data|account|history|answers|progress|notes|information|memory|chats?|conversations?|messages|records?|profile)(?: with me)?|" DO "(?:delete|erase|forget) (?:me|everything|it all|all of it|all my .{3,12})|" DO "(?:start|begin) (?:over|again from the beginning|from scratch|all over)(?: again)?|" COMO "(?:borr[oae]|borrar|elimin[oae]|eliminar|descarg[oa]|descargar|export[oa]|exportar) (?:todos |todas |todo |toda )*(?:mis? (?:datos|cuenta|respuestas|progreso|notas|historial|mensajes))?|" COMO "(?:empezar|empiezo) (?:de nuevo|de cero|desde cero)|" KAYF "(?:احذف|امحو|امسح|حذف|محو|مسح|انزل|احمل|تنزيل|تصدير) (?:كل |جميع )?(?:بياناتي|حسابي|اجاباتي|تقدمي|معلوماتي|ملاحظاتي|شيء|محادثاتي)|" KAYF "(?:ابدا|البدء) من (?:جديد|الصفر)") "|^" ZENME "(?:把)?(?:删除|删掉|清除|清空|注销|导出|下载|重置)(?:我|全部|所有|的)*(?:数据|账号|帐号|账户|记录|资料|信息|答案|进度|笔记|聊天)(?:吗|呢)*[ .?!]*$|^" ZENME "(?:把)?我的(?:数据|账号|帐号|记录|资料|信息)(?:全部|都)?(?:删除|删掉|清除|清空|导出)(?:吗|呢)*[ .?!]*$|^" ZENME "(?:重新|从头)开始(?:吗|呢)*[ .?!]*$"},
    {TURN_CHAT, PHRASE_PRINT, WHOLE(DO "print(?: (?:it|this|that|out|(?:(?:the|this) )?(?:lesson|page|text|course)))+|" DO "print(?: out)?|print ?out|is there an? (?:pdf|print(?:able)? version)(?: of (?:it|this))?|" DO "(?:download|save|get) (?:(?:the|this) )?(?:lesson |page |course |it )?(?:as )?an? pdf|" COMO "(?:imprim[oe]|imprimir)(?:lo|la)?(?: (?:esto|esta|la|leccion|pagina))*|" KAYF "(?:اطبع|طباعه)(?: (?:الدرس|هذا|الصفحه|هذه الصفحه|النص))*") "|^" ZENME "打印(?:课文|这一?课|这一?页|出来|本课|页面)*(?:吗|呢)*[ .?!]*$"},
    {TURN_CHAT, PHRASE_FREE, WHOLE("is (?:it|this|that|everything|lyceum|the (?:course|school|lesson|program|app|site))(?: really| all| completely| totally)* (?:free|for free)(?: of charge| to use)?|(?:do|will|must) i (?:have to |need to )?pay(?: (?:for (?:it|this|anything)|anything))?|(?:how much|what) (?:does|do|will) (?:it|this|the course)(?: all)? cost|(?:does|do) (?:it|this) cost (?:anything|money|something)|free|(?:es|esto es|el curso es|todo es)(?: todo| totalmente)? (?:gratis|gratuito)|(?:hay que|tengo que|debo) pagar(?: (?:algo|por esto))?|cuanto cuesta(?: (?:esto|el curso))?|gratis|(?:هل )?(?:هذا |هو |هي |الماده |البرنامج |الدرس )?(?:مجاني|مجانا|بالمجان)ه?|(?:هل )?(?:علي|يجب)(?: علي)? (?:ان )?(?:ادفع|الدفع)|كم (?:يكلف|السعر|الثمن)(?: هذا)?") "|^(?:请问|这|这个|课程|这里|这门课|学这个)*(?:是|都|全部)?(?:免费|收费|要钱|要付钱|要付费|花钱|需要付费)(?:的)?(?:吗|么|呢|啊)?[ .?!]*$|^(?:这个?)?(?:要)?多少钱[ .?!]*$"},
    {TURN_CHAT, PHRASE_READERS, WHOLE("who (?:else )?(?:reads|can (?:read|see)|sees|will (?:see|read)|is reading|gets to see)(?: (?:this|it|that|these|along|everything|all (?:of )?this|what (?:i|we) (?:write|type|say|ask|do)|my (?:answers|messages|questions|work|data|chats?|mistakes)))*|(?:can|does|will|do|could) (?:(?:my|the|a|other|some) )*(?:teachers?|parents?|classmates|learners|students|people|others|anybody|anyone|anybody else|somebody|someone|everyone|school|owner) (?:see|read|look at|know)(?: (?:this|it|that|what i (?:write|type|say|ask|do)|my (?:answers|messages|questions|work|chats?|mistakes|data)))|is (?:my teacher|somebody|someone|anybody|anyone)(?: else)? (?:watching|reading|looking)(?: (?:me|this|along))?|is (?:this|it|our (?:chat|talk)|my data|what i (?:write|say|type)) (?:private|anonymous|secret|safe|confidential|secure)|(?:do|will) (?:you|they) (?:train (?:on|with)|use|sell|share|collect|spy on) (?:my (?:data|answers|messages|words|chats?)|what i (?:write|say|type)|me)(?: .{0,30})?|quien(?:es)? (?:mas )?(?:lee|leen|puede (?:leer|ver)|ve) (?:esto|lo que escribo|mis (?:respuestas|mensajes|preguntas))|(?:puede|lee|ve) (?:mi|el|la) (?:profesora?|profe|maestr[oa]|docente) ?(?:ver|leer|lo)* ?(?:esto|lo que escribo|mis (?:respuestas|mensajes))?|(?:esto )?es (?:privado|anonimo|secreto)|من (?:يقرا|يري|(?:يستطيع|يمكنه) (?:ان )?(?:يقرا|يري|قراءه|ر[ؤو]يه)) (?:هذا|ذلك|ما اكتب\\w*|اجاباتي|رسا[ئي]لي|اس[ئي]لتي)|هل (?:يري|يقرا|يستطيع) (?:ال)?(?:معلم|استاذ|مدرس)\\w*(?: (?:ان )?(?:يري|يقرا|قراءه|ر[ؤو]يه))? (?:هذا|ما اكتب\\w*|اجاباتي)|هل (?:هذا|الحديث|ما اكتب\\w*) (?:خاص|سري)") "|^(?:有)?(?:谁|人|老师|别人|家长|同学|其他人)(?:能|会|可以|能不能|会不会)?(?:看到|看见|看|读到|读)(?:我)?(?:写的?|说的?|的答案|的回答|问的|的问题|这些?|这里的?|的)*(?:东西|内容|话)?(?:吗|呢)?[ .?!]*$|^(?:这|这里|我写的)(?:是)?(?:私密|保密|匿名|安全)的?吗[ .?!]*$"},
    {TURN_CHAT, PHRASE_KEPT, WHOLE("(?:is|are|was|will|does|do|did) (?:you |it |this )?(?:my |the )?(?:progress|answers?|work|results|everything|it|this)?(?: get| be)?(?: automatically)? ?(?:saved?|kept|stored?|keep)(?: (?:my|the|everything|it|this))?(?: (?:progress|answers?|work|results))?(?: automatically| somewhere)?|" DO "(?:save|keep) (?:my |the |this |it )?(?:progress|answers?|work)?|can i (?:continue|go on|come back|finish|do)(?: (?:it|this))? (?:later|tomorrow|another (?:time|day))|can i (?:continue|come back) (?:it|this)|(?:will|do|can) i lose (?:my|all my|the) (?:progress|answers|work)(?: .{1,24})?|(?:se )?guarda[ns]? (?:mi progreso|mis respuestas|todo|lo que hago)|puedo (?:seguir|continuar) (?:despues|luego|manana|mas tarde)|هل (?:يحفظ|تحفظ) (?:تقدمي|اجاباتي|كل شيء|ما افعل\\w*)|هل يمكنني (?:المتابعه|الاكمال) (?:لاحقا|غدا)") "|^(?:我的?|学习)*(?:进度|答案|记录|成绩|这些?)?(?:会|能|有没有|是否|都|会不会)*(?:自动)?(?:被)?(?:保存|存)(?:下来|起来|了)?(?:吗|呢)?[ .?!]*$|^(?:我)?(?:可以|能)?(?:明天|以后|下次|待会儿?)再?(?:继续|接着)(?:学|做)?(?:吗)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_DEVICES, WHOLE("(?:can|could|does|do|will) (?:i|it|this|you)(?: all| also)? (?:use|works?|run|do|open|learn|read)(?: (?:this|it|here|lessons))? (?:offline|without (?:the |an? )?(?:internet|network|wifi|connection)|on (?:my|an?|the) (?:phone|mobile|tablet|ipad|laptop|chromebook|computer|android|iphone)|in (?:another|any) browser)|is there an? (?:mobile |phone )?app|do i need (?:the |an? )?(?:internet|wifi|network)|offline(?: mode)?|(?:funciona|" COMO "(?:usar|usarlo|uso|usar esto)) (?:esto )?(?:sin (?:internet|conexion)|en (?:el|mi|un) (?:movil|telefono|celular|tableta)|offline)|hay (?:una )?app|necesito internet|(?:هل )?(?:يعمل|" KAYF "(?:استخدامه|استخدام هذا|استعماله))(?: هذا)? (?:(?:بدون|دون|بلا|من دون) (?:ال)?(?:انترنت|اتصال|شبكه)|علي (?:ال)?(?:هاتف|جوال|موبايل)ي?)|هل (?:يوجد|هناك) تطبيق") "|^" ZENME "(?:离线|没有?网|断网|不联网|在?手机上?|在?平板上?)(?:时|的时候)?(?:也)?(?:能|可以)?(?:用|学|使用|打开|上)+(?:吗|呢)?[ .?!]*$|^有(?:没有)?(?:手机)?(?:app|应用|客户端)吗?[ .?!]*$|^需要(?:联网|上网|网络)吗[ .?!]*$"},
    {TURN_CHAT, PHRASE_FIND_LESSON, WHOLE("(?:take me to|open|show me|go to|start|jump to) (?:the )?(?:lesson (?:[0-9]+|one|two|three)|(?:first|second|third|last) lesson)|" DO "(?:go|get|come|return|move|jump|open|see|find)(?: back| on)?(?: to)? (?:the |my |all )*(?:next|previous|other|first|second|third|another) (?:lesson|page|chapter)s?|" DO "(?:go|get|return) back(?: to (?:the )?(?:courses?|lessons?|start|home(?: page)?|menu|first page|list))?|(?:where|how)(?: (?:are|is|do i (?:find|see|open)|can i (?:find|see|open)))+ (?:the |all )*(?:(?:other|next|previous|first|second|third) )?(?:lessons?|chapters?|courses?|menu|home ?page|table of contents)|(?:como|donde) (?:voy|paso|vuelvo|esta|estan|encuentro|veo)(?: (?:a|la|las|el|los|otras|demas|siguiente|proxima|anterior))* (?:leccion|lecciones|inicio|cursos?|menu)(?: siguiente| anterior)?|كيف (?:انتقل|اذهب|اعود|ارجع) الي (?:الدرس (?:التالي|السابق|الاول)|الدروس|الماده|البدايه)|اين (?:الدرس التالي|الدروس(?: الاخري)?|بقيه الدروس)") "|^(?:怎么|如何)(?:去|到|看|进|回到?|返回|跳到|打开)(?:下|上|其他|别的|第.)?(?:一)?(?:节|门|堂)?的?(?:课|课程|首页|主页|目录|菜单)(?:去|吗|呢)?[ .?!]*$|^(?:下一|其他|别的)(?:节|堂)?的?课(?:程)?在哪(?:里|儿)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_NAME, WHOLE(DO "(?:change|set|correct) my (?:first |last |display |nick ?)?name|" COMO "(?:cambi[oa]|cambiar|corregir) (?:mi|el) nombre|" KAYF "(?:اغير|تغيير|تصحيح) اسمي") "|^" ZENME "(?:改|换|更改|修改)(?:我的)?(?:名字|昵称|姓名)(?:吗|呢)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_FAULT, WHOLE("(?:the |this |my )?(?:page|site|website|app|button|check button|link|picture|figure|image|formula|video|lesson)s? (?:is|are|do|does|did|wont|will not|isnt|arent|dont|doesnt|cant|cannot|looks?|seems?)(?: not| to be| be)* ?(?:broken|work(?:ing)?|load(?:ing)?|show(?:ing)?(?: up)?|open(?:ing)?|frozen|slow|crash(?:ed|ing)?|down)|i (?:cant|cannot|dont) (?:see|read) the (?:formula|picture|figure|image|table|page|text)s?|i(?:ve| have)? (?:found|see|spotted|noticed)(?: an?| some)? (?:mistakes?|errors?|typos?|bugs?)(?: (?:in|on) .{3,24})?|there(?: is|s) an? (?:mistake|error|typo|bug)(?: (?:in|on) .{3,24})?|" DO "report an? (?:bug|mistake|error|problem|typo)|(?:la |el |los |las )?(?:pagina|boton|enlace|imagen|figura|sitio|formula)s? (?:no (?:funciona|carga|se ve|se abre|responde)n?|esta rot[oa])|no (?:funciona|carga|se ve|se abre|responde)n? (?:la|el|las|los) (?:pagina|boton|enlace|imagen|figura|sitio|formula)s?|(?:hay|encontre|vi) un error en (?:la|el|esta|este) .{3,20}|(?:الصفحه|الزر|الرابط|الصوره|الموقع) لا (?:يعمل|تعمل|يفتح|تفتح|تظهر|يظهر|يستجيب)|(?:هناك|يوجد|وجدت) خطا في (?:الدرس|الصفحه|النص|التمرين)") "|^(?:页面|网页|按钮|图片|公式|链接|网站|图)(?:打不开|坏了|显示不出来|不显示|没反应|加载不了|不能用|用不了)[ .?!]*$|^(?:我发现|课文|这里|页面)(?:里|中|了)*(?:有)?(?:个|一个)?(?:错误|错别字|bug)[ .?!]*$"},
    {TURN_CHAT, PHRASE_TEACHER, WHOLE(DO "(?:contact|reach|ask|message|talk (?:to|with)|speak (?:to|with)|write (?:to)?|email) (?:(?:my|an?|the|real) )*(?:teacher|human(?: being)?|person|somebody|someone|support|instructor)|(?:is there|can i get|i want|i need) (?:an? )?(?:real |human )?(?:teacher|person|human|support)(?: here)?|" COMO "(?:contact[oa]r?|habl[oa]r?|escrib[oi]r?)(?: con| a)? (?:(?:mi|una?|el|la) )?(?:profesora?|profe|maestr[oa]|docente|persona|human[oa])(?: real)?|" KAYF "(?:اتواصل|اتحدث|التحدث|التواصل|اكلم)(?: مع| الي)? (?:ال)?(?:معلم|استاذ|مدرس|انسان|شخص)\\w*(?: حقيقي)?") "|^" ZENME "(?:联系|找|问)(?:我的|真人|一下)*老师(?:吗|呢)?[ .?!]*$|^(?:有|转|找)(?:没有)?(?:人工|真人)(?:客服)?(?:吗)?[ .?!]*$"},
    {TURN_CHAT, PHRASE_PACE, WHOLE("(?:is|will) (?:this|it|the (?:course|lesson|school))(?: be| going to be)?(?: very| too| really| so)* (?:hard|difficult|easy|complicated|tough|long|advanced)(?: (?:to (?:learn|understand)|for (?:me|an? beginner|beginners|kids|children)))*|how (?:hard|difficult|long) (?:is|will) (?:this|it|(?:the|this) (?:course|lesson))(?: be)?|how (?:much time|long) (?:does|will|do) (?:this|it|i|(?:the|this|each|one|a) (?:course|lesson))(?: (?:take|need|last))?(?: me)?(?: to (?:finish|do|complete|learn) (?:it|this|everything|(?:the|this) (?:course|lesson)))?|(?:.{1,40} )?can i (?:still )?(?:do|learn|manage|understand) (?:this|it|that|maths?)|am i (?:too )?(?:old|young|stupid|dumb|smart|good|clever) (?:enough )?(?:for (?:this|it|that)|to (?:learn|do|understand) (?:this|it|maths?))|(?:esto |el curso |la leccion )?es (?:(?:muy|demasiado) )?(?:dificil|facil|larg[oa])(?: (?:el curso|esta leccion|esto|de aprender))?|(?:cuanto (?:dura|tiempo lleva|tardo)|cuanto tiempo (?:dura|lleva|necesito))(?: (?:esto|el curso|la leccion|esta leccion))?|(?:هل )?(?:هذا|هو|الدرس|الماده) (?:صعب|سهل|طويل)ه?(?: جدا)?|كم (?:يستغرق|يدوم|من الوقت)(?: (?:هذا|الدرس|يستغرق))*") "|^(?:这|这个|这门课|课程|学起来|学这个|会)*(?:很|会)?(?:难不难|难学|难)(?:吗|么|不)?[ ?]+$|^(?:这|这个|这门课|课程|学起来|学这个)*(?:难不难|难学吗|难吗)(?:啊|呢)?[ .?!]*$|^(?:学完)?(?:这|这一?课|这门课|课程|一节课)?(?:要|需要|得)(?:学|花)?(?:多久|多长时间|多少时间)[ .?!]*$"},
    {TURN_CHAT, PHRASE_MISSED, WHOLE("(?:no |but |sorry )*(?:(?:that|this|it|you)(?: really| still)? (?:didnt|doesnt|did not|does not|havent|have not|hasnt|are not|arent|isnt|is not|wasnt)(?: really| even)? (?:answer(?:ed|ing)?(?: (?:my|the) question| me)?|help(?:ed|ful|ing)?(?: me)?|what i (?:asked|meant|wanted)|useful)(?: at all)?|(?:thats|that is|this is|its) not (?:what i (?:asked|meant|wanted|mean)(?: for)?|helpful|useful|an answer|my question)|not what i (?:asked|meant|wanted)(?: for)?|(?:(?:this|that|it)(?: is|s)|its|thats) useless|useless|(?:stupid|bad|useless|wrong) answer|wrong|you (?:misunderstood|didnt understand)(?: me| my question)?|not helpful|unhelpful|i (?:asked|meant|mean) something else)|(?:(?:eso|esto|asi) )?no (?:me )?(?:sirve|ayuda|es lo que (?:pregunte|pedi|queria)|responde (?:a )?mi pregunta|contesta mi pregunta)(?: (?:de|para) nada)?|no me (?:entiendes|entendiste)|no era eso|(?:eso )?esta mal|(?:هذا )?(?:ليس ما (?:سالت|اقصد|قصدت|اردت)\\w*(?: عنه)?|لا يفيد(?:ني)?|لم يساعدني|لا يجيب عن س[ؤو]الي|لم تجب عن س[ؤو]الي|لم تفهمني|لم تفهم س[ؤو]الي)") "|^(?:你|这)?(?:没有?|不是|不)(?:回答我的问题|我(?:要|想)?(?:问|要)的|懂我的意思|明白我的意思|理解我的问题|帮到我)[ .?!]*$|^答非所问[ .?!]*$"},
    {TURN_CHAT, PHRASE_PRACTICE, WHOLE("(?:(?:this|it|that)(?: is|s)|its|thats) (?:so |very |really |a bit |just )*boring|boring|(?:esto |que )?(?:es )?(?:muy )?aburrido|(?:هذا |الدرس )?ممل(?: جدا)?") "|^(?:好|真|太|很|这|这个)*无聊(?:啊|了|呀)?[ .!]*$"},
    {TURN_HELP, PHRASE_NONE, WHOLE("(?:(?:this|it|that)(?: is|s)|its|thats) (?:so |very |really |a bit |quite |still )*(?:confusing|unclear|hard|difficult|complicated|tricky)|(?:esto |es )*(?:muy )?(?:confuso|complicado)|هذا (?:مربك|معقد|غير واضح)(?: جدا)?") "|^(?:我|还是|完全|真的)*听不懂(?:了|啊)?[ .!]*$"},
    {TURN_CHAT, PHRASE_RUDE, "\\b(?:you|u|youre|you are|this (?:tutor|bot|program|thing|app)(?: is|s)?)(?: (?:are|re|is|so|such|really|just|an?|the|very|all|fucking|freaking|bloody|complete|total))* (?:stupid|dumb|useless|idiots?|idiotic|morons?|worthless|annoying|terrible|garbage|trash|rubbish|sucks?|lame|shit\\w*|crap\\w*|assholes?|bitch)\\b|^(?:just )?(?:shut up|shut it|screw you|get lost|go away|piss off|f\\W*u?\\W*ck\\w*(?: (?:you|u|off|this|that|it))?)[ ,.!]*$|^(?:you )?(?:idiot|moron|stupid|dumbass|asshole)(?: (?:bot|tutor|program|machine|thing))?[ .!]*$"},
    {TURN_CHAT, PHRASE_RUDE, "\\b(?:eres|sois|que)(?: (?:un|una|muy|tan|bien|mas))* (?:tont[oa]|estupid[oa]|idiota|inutil|imbecil|pesad[oa]|basura)s?\\b|^(?:callate|vete a la mierda|que te den|idiota|imbecil|tont[oa])[ ,.!]*$|你(?:真|好|太|是|个|这|们|就|的|就是)*(?:笨|蠢|傻|白痴|垃圾|没用|废物)|^(?:闭嘴|滚|滚开|滚蛋|笨蛋|傻瓜|白痴)[ .!啊吧]*$"},
    {TURN_CHAT, PHRASE_RUDE, "\\b(?:انت|انك)(?: \\w+)?? (?:غبي|احمق|حمقا|تافه|فاشل|سخيف|عديم)\\w{0,2}\\b|^(?:اخرس|اصمت|اسكت|غبي|احمق|يا غبي|يا احمق)[ ,.!]*$"},
};
/* clang-format on */

struct intake {
    pcre2_code *compiled[COUNT_OF(rules)];
    pcre2_code *manner;
};

struct intake *intake_open(struct fault *fault) {
    struct intake *intake = must_alloc(1, sizeof *intake);
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        int error;
        PCRE2_SIZE at;
        intake->compiled[i] =
            pcre2_compile((PCRE2_SPTR)rules[i].pattern, PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK, &error, &at, NULL);
        if (!intake->compiled[i]) {
            fault_set(fault, FAULT_MACHINE, "Rule %zu of the intake breaks at %zu: \"%.60s\".", i,
                      (size_t)at, rules[i].pattern + at);
            intake_close(intake);
            return NULL;
        }
        pcre2_jit_compile(intake->compiled[i], PCRE2_JIT_COMPLETE);
    }
    intake->manner = manner_open(fault);
    if (intake->manner)
        return intake;
    intake_close(intake);
    return NULL;
}

void intake_close(struct intake *intake) {
    if (!intake)
        return;
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        pcre2_code_free(intake->compiled[i]);
    manner_close(intake->manner);
    free(intake);
}

/* Words of the lessons' talk that tell a short text's language, beside those of grammar. */
static const char english_talk[] =
    "help hint answer solve explain stuck understand start wrong correct right next again "
    "thanks thank hello hi bye why how example please means meaning lost confused "
    "give tell show check know think got get does idea clue step question exercise add one two "
    "too good morning evening night bored tired sorry maybe me my test quiz speak talk can you";
static const char spanish_talk[] =
    "hola gracias ayuda ayudame pista respuesta dame dime cual por porfa favor adios entiendo "
    "entender "
    "solucion explica explicame ejemplo empiezo estoy perdido perdida hacer sale creo cuanto es "
    "esta "
    "significa ejercicio pregunta otra vez siguiente resuelve comprueba paso "
    "correcto correcta bien mal vale claro buenos buenas dias tardes noches quiero puedo sirve "
    "perdida "
    "sumar hasta luego cansado cansada aburrido lo siento quizas me "
    "da que como dos tres";

/* Persian and Urdu have letters that Arabic has not. */
static bool is_arabic(struct view text) {
    static const char *const others[] = {"پ", "چ", "ژ", "گ", "ک", "ی", "ٹ", "ڈ", "ڑ", "ں", "ے"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (view_find(text, view_of(others[i])) >= 0)
            return false;
    return true;
}

static bool has_han(struct view text) {
    int32_t c;
    for (size_t i = 0; i < text.n; i += utf8_decode(text.at + i, text.n - i, &c))
        if (utf8_decode(text.at + i, text.n - i, &c) && unicode_is_han(c))
            return true;
    return false;
}

static bool in_list(struct view word, const char *list) {
    struct view all = view_of(list);
    while (all.n) {
        ptrdiff_t end = view_find(all, VIEW(" "));
        struct view one = end < 0 ? all : view_slice(all, 0, (size_t)end);
        if (view_equal(one, word))
            return true;
        all = view_slice(all, end < 0 ? all.n : (size_t)end + 1, all.n);
    }
    return false;
}

/* English or Spanish by the words of both kinds; "" where neither has more. */
static const char *latin_language(struct view text, struct arena *arena) {
    struct words words;
    struct small_words *english = small_words_of("en", arena),
                       *spanish = small_words_of("es", arena);
    size_t n_english = 0,
           n_spanish = view_find(text, VIEW("¿")) >= 0 || view_find(text, VIEW("¡")) >= 0 ? 4 : 0;
    words_of(view_slice(text, 0, 2000), NULL, 0, arena, &words);
    for (size_t i = 0; i < words.n && i < 200; i++) {
        struct view word = words.at[i].text;
        struct buffer plain = {0};
        fold_plain(word, &plain);
        n_english += small_word_class(english, word) != NULL;
        n_english += in_list(buffer_view(&plain), english_talk);
        n_spanish += small_word_class(spanish, word) != NULL;
        n_spanish += in_list(buffer_view(&plain), spanish_talk);
        n_spanish += plain.n < word.n; /* an accent, ñ */
        buffer_free(&plain);
    }
    return n_english == n_spanish ? "" : n_english > n_spanish ? "en" : "es";
}

const char *intake_language(struct view text, const char *page) {
    struct arena *arena = arena_new();
    const char *found = language_of(text, arena), *latin = "";
    bool other = *found && !phrase_language(found);
    if (!*found || !strcmp(found, "en") || !strcmp(found, "es") || (other && text.n < 40))
        latin = latin_language(text, arena);
    if (*latin)
        found = latin;
    else if (!*found || !strcmp(found, "en") || !strcmp(found, "es"))
        found = has_han(text) ? "zh" : ""; /* a word of ours beside a term */
    else if (!strcmp(found, "ar") && !is_arabic(text))
        found = "";
    found = phrase_language(found) && strncmp(found, page, 2) ? phrase_tag(found) : page;
    arena_free(arena);
    return found;
}

/* "a n s w e r" is "answer". */
static void join_spelled(struct view text, struct buffer *out) {
    for (size_t i = 0; i < text.n;) {
        size_t end = i, n = 0;
        while (end < text.n && text.at[end] >= 'a' && text.at[end] <= 'z' &&
               (end + 1 == text.n || strchr(" -.", text.at[end + 1])) &&
               (!end || text.at[end - 1] == ' ' || n)) {
            n++;
            end += 2;
        }
        if (n >= 4) {
            for (size_t k = i; k < end && k < text.n; k += 2)
                buffer_byte(out, text.at[k]);
            buffer_byte(out, ' ');
            i = end;
        } else {
            buffer_byte(out, text.at[i++]);
        }
    }
}

/* Arabic letters that are written one for another, its digits and its marks; 0: a sign to drop,
 * -1: none of these. */
static int arabic_plain(int32_t c) {
    static const struct {
        int32_t from, to;
    } rows[] = {{0x622, 0x627}, {0x623, 0x627}, {0x625, 0x627}, {0x671, 0x627},
                {0x649, 0x64A}, {0x629, 0x647}, {0x61F, '?'},   {0x60C, ','},
                {0x61B, ','},   {0x640, 0},     {0x66B, '.'},   {0x670, 0}};
    if (c >= 0x64B && c <= 0x655)
        return 0;
    if ((c >= 0x660 && c <= 0x669) || (c >= 0x6F0 && c <= 0x6F9))
        return '0' + (c & 15);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].from == c)
            return rows[i].to;
    return -1;
}

/* Folded, without quotes, brackets and what else hides a word; at most 2,000 bytes. */
static void make_plain(struct view text, struct buffer *out) {
    struct buffer folded = {0}, bare = {0};
    fold_plain(text, &folded);
    for (size_t i = 0; i < folded.n;) {
        int32_t c;
        size_t n = utf8_decode(folded.at + i, folded.n - i, &c);
        bool hides = (c < 0x80 && c != 0 && strchr("\"()[]{}<>*_~#@&|\\$", c)) || c == 0xBF ||
                     c == 0xA1 || (c >= 0x2018 && c <= 0x201F) || c == 0xAB || c == 0xBB ||
                     (c >= 0x3008 && c <= 0x3011) || (c >= 0x200B && c <= 0x200F);
        int arabic = arabic_plain(c);
        char letter[4];
        if (arabic > 0)
            buffer_append(&bare, (struct view){letter, utf8_encode(arabic, letter)});
        else if (!arabic)
            ; /* a vowel sign */
        else if (!hides)
            buffer_append(&bare, (struct view){folded.at + i, n});
        else if (c == '_' && ((i && folded.at[i - 1] == '_') || folded.at[i + 1] == '_'))
            buffer_byte(&bare, '.'); /* a gap to fill in */
        else
            buffer_byte(&bare, ' ');
        i += n;
    }
    struct buffer single = {0};
    for (size_t i = 0; i < bare.n; i++)
        if (bare.at[i] != ' ' || (single.n && single.at[single.n - 1] != ' '))
            buffer_byte(&single, bare.at[i]);
    struct view most = view_trim(view_slice(buffer_view(&single), 0, 2000));
    join_spelled(view_slice(most, 0, utf8_whole(most)), out);
    buffer_free(&folded);
    buffer_free(&bare);
    buffer_free(&single);
}

struct taken intake_read(const struct intake *intake, struct view text) {
    struct buffer plain = {0};
    struct taken taken = {TURN_QUESTION, PHRASE_NONE};
    make_plain(text, &plain);
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    MUST(match && context);
    pcre2_set_match_limit(context, 200000);
    for (size_t i = 0; i < COUNT_OF(rules) && plain.n; i++) {
        int found =
            pcre2_match(intake->compiled[i], (PCRE2_SPTR)plain.at, plain.n, 0, 0, match, context);
        if (found >= 0) {
            taken = (struct taken){rules[i].kind, rules[i].reply};
            break;
        }
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(match);
    buffer_free(&plain);
    return taken;
}

struct view intake_matter(const struct intake *intake, struct view text, struct arena *arena) {
    return manner_cut(intake->manner, text, arena);
}
