#include "actions/finance_agreement/paper_fit.h"

#include <math.h>

const double fit_padding = 9;

static const double first_most = 28, first_least = 18, second_most = 15, second_least = 12, ratio = 1.5, step = .5,
                    slack = .25; /* slack: of widths that are rounded */

double fit_first_share(int cell)
{
    return cell ? 1.25 / 2.25 : 1 / 2.25;
}

/* The largest size up to `most` at which a figure fits its room, in steps. */
static double size_for(double width, double room, double most)
{
    double size = width > 0 ? floor((room - slack) / width / step) * step : most;
    return size < most ? size : most;
}

struct fit fit_figures(const double widths[FIT_FIGURES], double width)
{
    struct fit f = { .first = first_most, .fault = -1 };
    double alone = width - 2 * fit_padding;
    for (int i = 0; i < FIT_FIRST; i++)
        f.first = fmin(f.first, size_for(widths[i], width * fit_first_share(i) - 2 * fit_padding, first_most));
    f.first_stacked = f.first < first_least;
    if (f.first_stacked)
        f.first = first_most;
    for (int i = 0; i < FIT_FIRST && f.first_stacked; i++) {
        f.first = fmin(f.first, size_for(widths[i], alone, first_most));
        if (f.first < first_least && f.fault < 0)
            f.fault = i;
    }
    double most = fmin(second_most, floor(f.first / ratio / step) * step);
    f.second = most;
    for (int i = FIT_FIRST; i < FIT_FIGURES; i++)
        f.second = fmin(f.second, size_for(widths[i], width / FIT_SECOND - 2 * fit_padding, most));
    f.second_stacked = f.second < second_least;
    if (f.second_stacked)
        f.second = most;
    for (int i = FIT_FIRST; i < FIT_FIGURES && f.second_stacked; i++) {
        f.second = fmin(f.second, size_for(widths[i], alone, most));
        if (f.second < second_least && f.fault < 0)
            f.fault = i;
    }
    return f;
}
