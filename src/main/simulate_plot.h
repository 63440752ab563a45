/* Plots of a simulation, as SVG files that a page or a README may show. */
#ifndef LYCEUM_MAIN_SIMULATE_PLOT_H
#define LYCEUM_MAIN_SIMULATE_PLOT_H

#include "base/base.h"

/* Writes challenge.svg, calibration.svg and time.svg into the folder, of what school_simulate
 * gave. */
bool simulate_plots(const json_t *simulated, const char *folder, struct fault *);

#endif
