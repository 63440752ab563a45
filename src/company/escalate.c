/* What is told of a draft, what became of it, and whether a senior is worth asking. */
#include "company/inside.h"
#include "company/judged.h"
#include "company/office.h"

#include <string.h>

double company_probability(struct company *company, const char *member, const char *kind,
                           const struct features *features) {
    struct judging *judging = company_judging(company);
    if (judging)
        return judging_probability(judging, member, kind, features);
    struct calibration prior;
    calibration_fit(&prior, NULL, 0);
    return calibration_probability(&prior, kind, features);
}

void company_learn(struct company *company, const char *member, const struct judged *judged,
                   double told) {
    struct judging *judging = company_judging(company);
    if (judging && *member)
        judging_learn(judging, member, judged, told);
}

void company_regret(struct company *company, const char *member, const struct judged *judged) {
    struct judging *judging = company_judging(company);
    if (judging && *member)
        judging_regret(judging, member, judged);
}

bool company_escalates(struct company *company, const char *kind, double probability) {
    struct office *office = company_office(company);
    struct judging *judging = company_judging(company);
    if (!office || !judging || !office_has_senior(office))
        return false;
    struct firm *firm = office_enter(office);
    const struct plan *plan = firm->plan;
    const char *senior = plan->members[plan->roles[COMPANY_SENIOR].members[0]].name;
    bool worth = plan->escalates &&
                 judging_content(judging, senior, kind) - probability >= plan->margin;
    office_leave(office, firm);
    return worth;
}
