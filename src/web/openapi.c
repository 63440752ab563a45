/* The API's description of itself: openapi.json of this folder, OpenAPI 3.1. */
#include "web/request.h"

void api_openapi(struct request *request) {
    request->reply.status = 200;
    request->reply.type = "application/json; charset=utf-8";
    request->reply.cache = "no-cache";
    request->reply.file = embedded_find(VIEW("pages/openapi.json"));
}
