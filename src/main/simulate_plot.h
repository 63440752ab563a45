/* Plots of a simulation and of a company, as SVG files that a page or a README may show. */
#ifndef LYCEUM_MAIN_SIMULATE_PLOT_H
#define LYCEUM_MAIN_SIMULATE_PLOT_H

#include "base/base.h"

/* Writes challenge.svg, calibration.svg and time.svg into the folder, of what school_simulate
 * gave. */
bool simulate_plots(const json_t *simulated, const char *folder, struct fault *);

/* Quality against the senior's calls, of what company_tune gave, beside what a random mix and one
 * who knows all answers would have. `file` is an SVG file. */
bool company_plot(const json_t *tuned, const char *file, struct fault *);

#endif
