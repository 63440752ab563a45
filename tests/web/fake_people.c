/* A made-up school has no teachers: whoever has a cookie may see what is theirs, and no more. The
 * real ones are tried in test_roles.c. */
#include "school/school.h"

bool school_may(struct school *school, enum school_access access, int64_t person, int64_t class,
                int64_t learner) {
    (void)school, (void)class, (void)learner;
    return access == ACCESS_ALL || (access == ACCESS_SELF && person > 0);
}

bool school_is_failing(struct school *school) {
    (void)school;
    return false;
}

bool school_has_owner(struct school *school) {
    (void)school;
    return false;
}

bool school_owner_code(struct school *school, bool again, char code[SCHOOL_CODE_SIZE]) {
    (void)school, (void)again, (void)code;
    return false;
}

static void *none(struct fault *fault) {
    fault_set(fault, FAULT_MISSING, "There are no people here.");
    return NULL;
}

/* Each stands for a function of school/people.h that nothing reaches here. */
#define NO_OBJECT(name, ...)                                                                      \
    json_t *name(struct school *school, __VA_ARGS__, struct fault *fault) {                       \
        (void)school;                                                                             \
        return none(fault);                                                                       \
    }
#define NO_DEED(name, type, ...)                                                                  \
    type name(struct school *school, __VA_ARGS__, struct fault *fault) {                          \
        (void)school;                                                                             \
        return none(fault) != NULL;                                                               \
    }
#pragma GCC diagnostic ignored "-Wunused-parameter"
NO_OBJECT(school_person, int64_t a)
NO_OBJECT(school_invitation, struct view a)
NO_DEED(school_join, int64_t, struct view a, int64_t b, const struct school_account *c, char d[65])
NO_DEED(school_sign_in, int64_t, struct view a, struct view b, char c[65])
NO_DEED(school_account_set, bool, int64_t a, const struct school_account *b, struct view c,
        struct view d)
NO_DEED(school_session_end, bool, int64_t a, int64_t b, struct view c)
NO_DEED(school_class_new, int64_t, int64_t a, struct view b)
NO_DEED(school_class_change, bool, int64_t a, int64_t b, struct view c, bool d)
NO_OBJECT(school_invite, int64_t a, int64_t b, int64_t c, const char *d, int e)
NO_DEED(school_invite_end, bool, int64_t a, int64_t b, int64_t c)
NO_DEED(school_class_leave, bool, int64_t a, int64_t b)
NO_OBJECT(school_class, int64_t a)
NO_OBJECT(school_class_view, int64_t a, const char *b, const char *c)
NO_DEED(school_class_table, bool, int64_t a, const char *b, const char *c, struct arena *d,
        struct class_table *e)
NO_OBJECT(school_transcript, int64_t a, const char *b, const char *c)
NO_DEED(school_overrule, bool, int64_t a, int64_t b, int64_t c, const char *d, double e,
        struct view f)
NO_OBJECT(school_open_answers, int64_t a, const char *b)
NO_DEED(school_decide, bool, int64_t a, int64_t b, int64_t c, const json_t *d, struct view e)
NO_DEED(school_message, bool, int64_t a, int64_t b, struct view c, const char *d)
NO_DEED(school_teach, int64_t, int64_t a, const char *b, const json_t *c)
NO_DEED(school_teach_end, bool, int64_t a, int64_t b)
NO_DEED(school_message_read, bool, int64_t a, int64_t b)

NO_DEED(school_assign, int64_t, int64_t a, int64_t b, const char *c, const char *d, const char *e,
        int64_t f)
NO_DEED(school_assign_end, bool, int64_t a, int64_t b, int64_t c)
NO_OBJECT(school_test, int64_t a, int64_t b, const char *c)
NO_DEED(school_test_answer, bool, int64_t a, int64_t b, const char *c, const json_t *d,
        const char *e)
NO_OBJECT(school_roster_import, int64_t a, struct view b, struct view c, struct view d, bool e,
          json_t *f)
NO_DEED(school_roster_export, bool, const char *a, struct buffer *b)

json_t *school_staff(struct school *school) {
    return NULL;
}

json_t *school_assignments(struct school *school, int64_t class, const char *language) {
    return NULL;
}

json_t *school_gains(struct school *school, int64_t class, const char *language) {
    return NULL;
}

json_t *school_sessions(struct school *school, int64_t person, struct view token) {
    return json_array();
}

json_t *school_desk(struct school *school, int64_t learner, const char *language) {
    return NULL;
}

void school_class_csv(struct school *school, int64_t class, const char *course,
                      const char *language, struct buffer *out) {}

size_t school_open_waiting(struct school *school, int64_t class) {
    return 0;
}
