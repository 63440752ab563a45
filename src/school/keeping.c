/* The record where no school is open: taken away, erased, copied, put back, made again. */
#include "school/school_inside.h"

json_t *school_export_record(struct record *record, int64_t learner, struct fault *fault) {
    json_t *events = record_events(record, learner, 0, fault);
    return events ? json_pack("{s:I,s:o}", "learner", (json_int_t)learner, "events", events)
                  : NULL;
}

json_t *school_export_from(const char *data, int64_t learner, struct fault *fault) {
    struct record *record = record_open_reader(data, fault);
    json_t *whole = record ? record_whole(record, learner, fault) : NULL;
    record_close(record);
    return whole;
}

json_t *school_learners_named(const char *data, struct view name, struct fault *fault) {
    struct record *record = record_open_reader(data, fault);
    json_t *found = record ? record_named(record, name) : NULL;
    record_close(record);
    return found;
}

json_t *school_forget(const char *data, int64_t learner, struct fault *fault) {
    struct forgotten forgotten;
    return record_forget(data, learner, &forgotten, fault)
               ? json_pack("{s:I,s:I,s:i,s:i,s:b}", "learner", (json_int_t)learner, "events",
                           (json_int_t)forgotten.n_event, "copies", forgotten.n_copy,
                           "copies_removed", forgotten.n_removed, "before", (int)forgotten.before)
               : NULL;
}

bool school_forget_idle(const char *data, int days, size_t *n, struct fault *fault) {
    return record_forget_idle(data, days, n, fault);
}

json_t *school_backup(const char *data, const char *to, int keep, struct fault *fault) {
    struct backup backup;
    return record_backup(data, to, keep, &backup, fault)
               ? json_pack("{s:s,s:s,s:I,s:I,s:i}", "file", backup.path, "sha256", backup.sha256,
                           "bytes", (json_int_t)backup.bytes, "events", (json_int_t)backup.n_event,
                           "dropped", backup.n_dropped)
               : NULL;
}

json_t *school_restore(const char *file, const char *data, struct fault *fault) {
    struct restored restored;
    return record_restore(file, data, &restored, fault)
               ? json_pack("{s:s,s:I,s:s?}", "file", file, "events", (json_int_t)restored.n_event,
                           "safe", *restored.safe ? restored.safe : NULL)
               : NULL;
}

bool school_rebuild(const char *data, struct fault *fault) {
    return record_rebuild(data, fault);
}
