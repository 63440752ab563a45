/* Opens the pages with the fake school, to look at while working on ui/: show_pages PORT */
#include "web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int n_argument, char **arguments) {
    struct fault fault = {0};
    struct school *school = school_open(&(struct school_options){0}, &fault);
    struct web_options options = {.school = school,
                                  .port = n_argument > 1 ? atoi(arguments[1]) : 8081};
    struct web *web = web_open(&options, &fault);
    char text[1200];
    if (!web)
        fprintf(stderr, "%s\n", fault_text(&fault, text, sizeof text));
    while (web)
        pause();
    return 1;
}
