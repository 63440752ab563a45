/* Who learns, and in what words: a background, a tone, mistakes of the hand. Inside the room only.
 */
#ifndef LYCEUM_WORKSHOP_PERSONA_H
#define LYCEUM_WORKSHOP_PERSONA_H

#include "base/base.h"

enum persona_tone {
    TONE_PLAIN,
    TONE_CURT,
    TONE_UNSURE,
    TONE_CHATTY,
    TONE_HASTY,
    TONE_BOLD,
    TONES
};
enum persona_hand { /* what goes wrong in writing */
                    HAND_CAREFUL,
                    HAND_SLIPS,    /* letters swapped, dropped, doubled */
                    HAND_SMALL,    /* no capitals, few marks */
                    HAND_SHORT,    /* u, bc, pls */
                    HAND_LEARNING, /* English is another language: articles and endings missing */
                    HANDS
};
struct persona {
    size_t background;
    enum persona_tone tone;
    enum persona_hand hand;
};
enum persona_says {
    SAYS_TRY,   /* an answer, %s */
    SAYS_PICK,  /* one of those that are offered, %s */
    SAYS_AGAIN, /* another answer */
    SAYS_STILL, /* the same again */
    SAYS_HELP,
    SAYS_FISH,   /* for the answer */
    SAYS_RIGHT,  /* an answer, after help */
    SAYS_SISTER, /* an answer to the sister exercise */
    SAYS_SHOW,   /* wants to see one like it worked out */
    SAYS_KINDS
};

void persona_draw(struct random *, struct persona *);
/* "nurse, 38; unsure; small letters" */
char *persona_name(const struct persona *, struct arena *);
/* For a senior that is to write like them. */
char *persona_about(const struct persona *, struct arena *);
/* A line of theirs with the answer in it, to the letter; `because`: what they did, or empty. */
struct view persona_line(const struct persona *, enum persona_says, struct view answer,
                         struct view because, bool introduces, struct random *, struct arena *);
/* The text as their hand writes it. */
struct view persona_hand(const struct persona *, struct view text, struct random *,
                         struct arena *);

#endif
