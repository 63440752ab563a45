/* The words of a draft: those of its text, in both cases of their first letter, the function words
 * of the languages that are taught, and plain punctuation. */
#include "company/words.h"

#include <string.h>

/* Function words of the languages that are taught: they carry no claim of their own, and whether
 * they turn one over is for the review to see. */
static const char function_words[] =
    "a an the this that these those it its he she they them their theirs we us our you your i me "
    "my "
    "one ones who whom whose which what when where why how there here and or but nor so yet if "
    "then "
    "else than as because since while although though until unless whether of in on at by for "
    "with "
    "without from to into onto over under between among about against through during before after "
    "above below up down out off again once only just even also too very more most less least "
    "much "
    "many few little some any all both each every either neither no not none nothing never always "
    "often sometimes usually is are was were be been being am do does did done doing has have had "
    "having can could may might must shall should will would let s t re ll ve d m don doesn didn "
    "isn "
    "aren wasn weren can couldn won wouldn hasn haven yes okay still such same other another own "
    "called means mean say says said use used uses using make makes made get gets give gives "
    "given "
    "take takes think look ask find see try remember know happens first next last now "
    "el la los las un una unos unas de del al y o u e que quien cual cuando donde como porque "
    "pues "
    "si no ni sin con por para en a ante bajo desde hasta entre hacia segun sobre tras es son era "
    "eran ser estar esta este esto estos estas ese esa eso hay ha han lo le les se su sus mi tu "
    "muy mas menos tambien solo siempre nunca cada todo toda todos todas otro otra "
    "的一是不了在有和与或也就都而及着把被从到对以为于之这那个些它他她们我你您所其中上下里外时后前"
    "再又还"
    "要会能可应该吗呢吧啊什么怎样么如果因此但却只每没无非将使让给比更最很太";

static const char wide_punctuation[] = "，。！？：；（）“”‘’、—–…·";

enum { TURNED_BYTES = 64 };

/* A word of the text may begin a sentence, and the first word of one stand inside. */
static void add_turned(void *data, struct lexicon *lexicon, struct view word) {
    char turned[TURNED_BYTES];
    (void)data;
    bool letter = word.n && (word.at[0] | 32) >= 'a' && (word.at[0] | 32) <= 'z';
    if (!letter || word.n > sizeof turned)
        return;
    memcpy(turned, word.at, word.n);
    turned[0] ^= 32;
    lexicon_add(lexicon, (struct view){turned, word.n});
}

struct lexicon *draft_words(struct view text, struct fault *fault) {
    struct lexicon *made = lexicon_new(fault);
    if (!made)
        return NULL;
    lexicon_add_separators(made, VIEW(" ,.;:?!'\"()-%/=+*$\n"));
    lexicon_add_separators(made, view_of(wide_punctuation));
    if (view_find(text, VIEW("$")) >= 0) /* it has formulas: TeX's signs are punctuation too */
        lexicon_add_separators(made, VIEW("^_\\{}<>|[]&"));
    lexicon_add_text(made, text, add_turned, NULL);
    lexicon_add_text(made, view_of(function_words), add_turned, NULL);
    return made;
}
