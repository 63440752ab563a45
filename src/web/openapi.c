/* The API's description of itself, OpenAPI 3.1, made from a table beside the routes. */
#include "web/request.h"

#include <string.h>

struct operation {
    const char *path, *method, *summary;
    const char *body;    /* JSON schema of the body; NULL: none */
    const char *success; /* media type of the answer */
    int status;
};

#define EXERCISE_BODY                                                                             \
    "\"seed\":{\"type\":[\"integer\",\"string\"],\"minimum\":0,\"pattern\":\"^[0-9]+$\"}"

/* clang-format off */
static const struct operation operations[] = {
    {"/api/courses", "get", "The courses of this school", NULL, "application/json", 200},
    {"/api/courses/{course}/lessons/{lesson}", "get", "A lesson as HTML, with its exercises and the learner's state",
     NULL, "application/json", 200},
    {"/api/learners", "post", "A new anonymous learner; sets the cookie", NULL, "application/json", 201},
    {"/api/learners/me", "put", "Gives the learner a name",
     "{\"type\":\"object\",\"required\":[\"name\"],\"properties\":{\"name\":{\"type\":\"string\"}}}", "application/json", 200},
    {"/api/learners/me/events", "get", "Everything that the record holds of the learner", NULL, "application/json", 200},
    {"/api/progress", "get", "Mastery of lessons and skills", NULL, "application/json", 200},
    {"/api/exercises/{exercise}/attempts", "post", "An answer: graded, recorded, answered",
     "{\"type\":\"object\",\"required\":[\"answer\"],\"properties\":{\"answer\":{\"description\":"
     "\"text, a number, an index or a list of indexes, as the exercise's check asks\"}," EXERCISE_BODY "}}",
     "application/json", 200},
    {"/api/exercises/{exercise}/hints", "post", "The next hint",
     "{\"type\":\"object\",\"properties\":{" EXERCISE_BODY "}}", "application/json", 200},
    {"/api/turns", "post", "Free text; answered as events `say` and a last event `end`",
     "{\"type\":\"object\",\"required\":[\"course\",\"lesson\",\"text\"],\"properties\":{\"course\":{\"type\":\"string\"},"
     "\"lesson\":{\"type\":\"string\"},\"exercise\":{\"type\":[\"string\",\"null\"]},\"text\":{\"type\":\"string\"},"
     EXERCISE_BODY "}}", "text/event-stream", 200},
    {"/healthz", "get", "Whether the school is open, and the state of its model", NULL, "application/json", 200},
    {"/metrics", "get", "Counters as Prometheus text", NULL, "text/plain", 200},
};
/* clang-format on */

static json_t *path_parameters(const char *path) {
    json_t *list = json_array();
    for (const char *at = strchr(path, '{'); at; at = strchr(at + 1, '{')) {
        const char *end = strchr(at, '}');
        json_array_append_new(list, json_pack("{s:s%,s:s,s:b,s:{s:s}}", "name", at + 1,
                                              (size_t)(end - at - 1), "in", "path", "required", 1,
                                              "schema", "type", "string"));
    }
    return list;
}

static json_t *describe(const struct operation *operation) {
    char status[8];
    snprintf(status, sizeof status, "%d", operation->status);
    json_t *answers = json_object();
    json_object_set_new(answers, status,
                        json_pack("{s:s,s:{s:{}}}", "description", operation->summary, "content",
                                  operation->success));
    json_object_set_new(answers, "default",
                        json_pack("{s:s,s:{s:{s:{s:s}}}}", "description", "What went wrong",
                                  "content", "application/json", "schema", "$ref",
                                  "#/components/schemas/error"));
    json_t *out = json_pack("{s:s,s:o,s:o}", "summary", operation->summary, "parameters",
                            path_parameters(operation->path), "responses", answers);
    if (operation->body) {
        json_t *schema = json_loads(operation->body, 0, NULL);
        MUST(schema);
        json_object_set_new(out, "requestBody",
                            json_pack("{s:b,s:{s:{s:o}}}", "required", 1, "content",
                                      "application/json", "schema", schema));
    }
    return out;
}

void api_openapi(struct request *request) {
    json_t *paths = json_object();
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        json_object_set_new(paths, operations[i].path,
                            json_pack("{s:o}", operations[i].method, describe(&operations[i])));
    json_t *error = json_pack("{s:s,s:{s:{s:s,s:{s:{s:s},s:{s:s}}}}}", "type", "object",
                              "properties", "error", "type", "object", "properties", "message",
                              "type", "string", "remedy", "type", "string");
    json_t *document = json_pack("{s:s,s:{s:s,s:s,s:s},s:o,s:{s:{s:o},s:{s:{s:s,s:s,s:s}}}}",
                                 "openapi", "3.1.0", "info", "title", "Lyceum", "version", "0.1.0",
                                 "summary", "A tutor for every learner", "paths", paths,
                                 "components", "schemas", "error", error, "securitySchemes",
                                 "learner", "type", "apiKey", "in", "cookie", "name", "lyceum");
    reply_json(request, 200, document);
}
