/* Opens the pages with the fake school: for the tests in a browser, and to look at while working
 * on ui/. Prints its address and runs until it is told to stop.
 *
 *   show_pages PORT [absent|loading|ready] [COURSE]     SIGUSR1: the model is ready now */
#include "fake_school.h"
#include "web/web.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int main(int n_argument, char **arguments) {
    sigset_t waited;
    sigemptyset(&waited);
    sigaddset(&waited, SIGINT);
    sigaddset(&waited, SIGTERM);
    sigaddset(&waited, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &waited, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct fault fault = {0};
    const char *const courses[] = {n_argument > 3 ? arguments[3] : "c", NULL};
    struct school *school = school_open(&(struct school_options){.courses = courses}, &fault);
    fake_school_model(school, n_argument > 2 ? arguments[2] : "absent");
    struct web_options options = {.school = school,
                                  .port = n_argument > 1 ? atoi(arguments[1]) : 8081};
    struct web *web = web_open(&options, &fault);
    char text[1200];
    if (!web) {
        fprintf(stderr, "%s\n", fault_text(&fault, text, sizeof text));
        return 1;
    }
    printf("http://127.0.0.1:%d/\n", web_port(web));
    fflush(stdout);
    for (int got = SIGUSR1; got == SIGUSR1;) {
        sigwait(&waited, &got);
        fake_school_model(school, "ready");
    }
    web_close(web);
    school_close(school);
    return 0;
}
