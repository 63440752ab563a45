/* A small course without files: passages for the tests of recall and of the turn. */
#ifndef LYCEUM_TESTS_SHELF_H
#define LYCEUM_TESTS_SHELF_H

#include "school/tutor/tutor.h"

struct written {
    const char *id, *heading, *sentences[12];
};

static const struct written written_english[] = {
    {"01--counts",
     "Counting pairs",
     {"Take a text and count, for each letter, which letter follows it.",
      "The table of these counts is called a bigram model.",
      "A bigram model looks at one letter, the last one, and guesses the next.",
      "It has forgotten everything before that, so it cannot remember how a sentence began."}},
    {"01--probability",
     "From counts to probabilities",
     {"To turn counts into probabilities, divide each count by the total of its row.",
      "The row of the letter $q$ has 40 counts, 39 of them for $u$.",
      "The probability of $u$ after $q$ is therefore $39/40$."}},
    {"01--smoothing",
     "The pair that was never seen",
     {"A pair that the text does not have gets the probability 0.",
      "If it turns up later, the surprise is infinite.",
      "That is why we add one to every count before we divide, which is called smoothing.",
      "Nothing is impossible then, only rare."}},
    {"01--loss",
     "Surprise",
     {"The surprise of a letter is $-\\log_2 p$, where $p$ is the probability that the model gave "
      "it.",
      "A letter with probability 1/8 has a surprise of 3 bits.",
      "The loss of a model is the average surprise over a text.",
      "A model that is never surprised has a loss of zero."}},
    {"02--slope",
     "Slope: how steep a line is",
     {"The slope of a straight line is how far the line rises for each unit that you walk to the "
      "right.",
      "A line with a negative slope falls to the right.",
      "Baldwin Street in Dunedin has a slope of about $0.35$."}},
    {"02--history",
     "Three pages of 1847",
     {"In October 1847 Augustin-Louis Cauchy wanted to compute the orbit of a heavenly body.",
      "He guessed all six numbers and moved each a little in the direction that made the error "
      "shrink.",
      "Nearly every network was trained by a descendant of this method, gradient descent."}},
    {"02--rate",
     "The learning rate",
     {"The learning rate says how long a step is.",
      "With a learning rate that is too large the steps overshoot the valley and the loss grows.",
      "With one that is too small the descent takes forever."}},
};

static const struct written written_chinese[] = {
    {"01--counts",
     "数一数字对",
     {"取一段文本,数出每个字母后面跟着哪个字母。", "这张计数表叫做二元模型。",
      "二元模型只看最后一个字母,然后猜下一个。", "它记不住句子的开头。"}},
    {"01--smoothing",
     "没见过的字对",
     {"文本里没有的字对,概率是 0。", "如果它后来出现,惊讶度就是无穷大。",
      "因此我们在相除之前给每个计数加一,这叫做平滑。"}},
    {"01--loss",
     "惊讶度",
     {"一个字母的惊讶度是 $-\\log_2 p$。", "模型的损失是整段文本上惊讶度的平均值。",
      "从不惊讶的模型,损失为零。"}},
};

static inline struct passage *shelf_make(const struct written *from, size_t n,
                                         const struct lesson *lesson, struct arena *arena) {
    struct passage *out = ARENA_NEW(arena, n, struct passage);
    for (size_t i = 0; i < n; i++) {
        size_t n_sentence = 0;
        while (n_sentence < COUNT_OF(from[i].sentences) && from[i].sentences[n_sentence])
            n_sentence++;
        out[i] = (struct passage){.id = view_of(from[i].id),
                                  .heading = view_of(from[i].heading),
                                  .lesson = lesson,
                                  .n_sentence = n_sentence,
                                  .sentences = ARENA_NEW(arena, n_sentence, struct view)};
        struct buffer text = {0};
        for (size_t s = 0; s < n_sentence; s++)
            buffer_format(&text, "%s%s", s ? " " : "", from[i].sentences[s]);
        out[i].text = arena_copy(arena, buffer_view(&text));
        for (size_t s = 0, at = 0; s < n_sentence; s++) {
            size_t length = view_of(from[i].sentences[s]).n;
            out[i].sentences[s] = view_slice(out[i].text, at, at + length);
            at += length + 1;
        }
        buffer_free(&text);
    }
    return out;
}

#endif
