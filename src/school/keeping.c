/* The record where no school is open: taken away by its learner, made again from its events. */
#include "school/school_inside.h"

json_t *school_export_record(struct record *record, int64_t learner, struct fault *fault) {
    json_t *events = record_events(record, learner, 0, fault);
    return events ? json_pack("{s:I,s:o}", "learner", (json_int_t)learner, "events", events)
                  : NULL;
}

json_t *school_export_from(const char *data, int64_t learner, struct fault *fault) {
    if (!record_exists(data)) {
        fault_set(fault, FAULT_MISSING, "There is no record in this folder.");
        fault_remedy(fault, "Name the folder that `lyceum serve` was given with --data.");
        fault_place(fault, data, 0, -1);
        return NULL;
    }
    struct record *record = record_open(data, fault);
    json_t *export = record ? school_export_record(record, learner, fault) : NULL;
    record_close(record);
    return export;
}

bool school_rebuild(const char *data, struct fault *fault) {
    return record_rebuild(data, fault);
}
