/* What a teacher's pages show, for programs: the same, as JSON, to the same people. */
#include "web/parts.h"

#include <string.h>

static const char *argument(const struct request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

static void reply_told(struct request *request, json_t *told, const struct fault *fault) {
    if (told)
        reply_json(request, 200, told);
    else
        reply_fault(request, fault);
}

/* Those that are taught, or all of them for an owner. */
void api_classes(struct request *request) {
    struct fault fault = {0};
    json_t *person = school_person(request->web->school, request->learner, &fault), *class;
    json_t *taught = person ? json_array() : NULL;
    size_t i;
    json_array_foreach(json_object_get(person, "classes"), i, class) {
        if (strcmp(json_text(class, "role", ""), "learner") != 0)
            json_array_append(taught, class);
    }
    json_decref(person);
    reply_told(request, taught ? json_pack("{s:o}", "classes", taught) : NULL, &fault);
}

void api_class(struct request *request) {
    struct fault fault = {0};
    json_t *class = school_class(request->web->school, request->id[0], &fault);
    reply_told(request, class, &fault);
}

void api_class_view(struct request *request) {
    struct fault fault = {0};
    json_t *view = school_class_view(request->web->school, request->id[0],
                                     argument(request, "course"), request->language, &fault);
    reply_told(request, view, &fault);
}

void api_class_work(struct request *request) {
    struct fault fault = {0};
    json_t *class = school_class(request->web->school, request->id[0], &fault);
    json_t *work =
        class ? json_pack(
                    "{s:o,s:o}", "assignments",
                    school_assignments(request->web->school, request->id[0], request->language),
                    "gains", school_gains(request->web->school, request->id[0], request->language))
              : NULL;
    json_decref(class);
    reply_told(request, work, &fault);
}

void api_class_learner(struct request *request) {
    struct fault fault = {0};
    json_t *transcript =
        school_transcript(request->web->school, request->id[1], argument(request, "exercise"),
                          request->language, &fault);
    reply_told(request, transcript, &fault);
}
