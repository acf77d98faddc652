/* geodesic.c - the inverse geodesic problem after Karney (2013), distance only. */
#include "geodesic.h"

#include <float.h>
#include <math.h>

#define RADIUS_M 6378137.0       /* equatorial radius of WGS84 */
#define FLAT (1 / 298.257223563) /* flattening of WGS84 */
#define POLAR_RATIO (1 - FLAT)   /* b / a */
#define ECC2 (FLAT * (2 - FLAT)) /* first eccentricity squared */
#define ECC2_SECOND (ECC2 / (POLAR_RATIO * POLAR_RATIO))
#define THIRD_FLAT (FLAT / (2 - FLAT)) /* n in the paper */

enum { ORDER = 6, NEWTON_STEPS = 20, ALL_STEPS = 90 };

static const double PI = 3.14159265358979323846;
static const double TINY = 1.4916681462400413e-154; /* sqrt(DBL_MIN): stands in for a cosine of zero */

/* An angle as its sine and cosine, which keeps small differences that the angle itself would lose. */
struct angle {
    double s, c;
};

/* The problem in its normal form: point 1 is the one farther from the equator and south of it, 0 <= longitude <= pi. */
struct problem {
    struct angle beta1, beta2; /* reduced latitudes */
    struct angle lambda;       /* difference of longitude */
    double supplement;         /* pi - lambda, radians, exact near antipodes */
    double dn1, dn2;           /* sqrt(1 + e'^2 sin^2 beta) */
};

/* What one trial azimuth at point 1 gives. */
struct trial {
    struct angle alpha2, sigma1, sigma2;
    double sigma12, eps;
    double miss;  /* longitude reached minus longitude wanted */
    double slope; /* its derivative by the azimuth */
};

static struct angle unit(double s, double c)
{
    double h = hypot(s, c);
    return (struct angle){ s / h, c / h };
}

/* Sine and cosine of degrees, exact at multiples of 90. */
static struct angle degrees(double d)
{
    int quadrant;
    double r = remquo(d, 90, &quadrant) * (PI / 180);
    double s = sin(r), c = cos(r);
    switch (quadrant & 3) {
    case 0:
        return (struct angle){ s, c };
    case 1:
        return (struct angle){ c, -s };
    case 2:
        return (struct angle){ -s, -c };
    default:
        return (struct angle){ -c, s };
    }
}

/* sum of c[l] sin(2 l sigma), l = 1..n, by Clenshaw's recurrence */
static double sine_series(struct angle sigma, const double *c, int n)
{
    double twice_cos2 = 2 * (sigma.c - sigma.s) * (sigma.c + sigma.s), b0 = 0, b1 = 0;
    for (int l = n; l > 0; l--) {
        double b = twice_cos2 * b0 - b1 + c[l];
        b1 = b0;
        b0 = b;
    }
    return 2 * sigma.s * sigma.c * b0;
}

/* Equations (17) and (18): distance along the geodesic. Returns A1 - 1. */
static double series_1(double e, double c[ORDER + 1])
{
    double e2 = e * e, d = e;
    c[1] = d * (-1.0 / 2 + e2 * (3.0 / 16 - e2 / 32));
    c[2] = (d *= e) * (-1.0 / 16 + e2 * (1.0 / 32 - e2 * 9 / 2048));
    c[3] = (d *= e) * (-1.0 / 48 + e2 * 3 / 256);
    c[4] = (d *= e) * (-5.0 / 512 + e2 * 3 / 512);
    c[5] = (d *= e) * (-7.0 / 1280);
    c[6] = d * e * (-7.0 / 2048);
    double t = e2 * (1.0 / 4 + e2 * (1.0 / 64 + e2 / 256));
    return (t + e) / (1 - e);
}

/* Equations (42) and (43), with (1 + e) A2 expanded instead of A2 / (1 - e). Returns A2 - 1. */
static double series_2(double e, double c[ORDER + 1])
{
    double e2 = e * e, d = e;
    c[1] = d * (1.0 / 2 + e2 * (1.0 / 16 + e2 / 32));
    c[2] = (d *= e) * (3.0 / 16 + e2 * (1.0 / 32 + e2 * 35 / 2048));
    c[3] = (d *= e) * (5.0 / 48 + e2 * 5 / 256);
    c[4] = (d *= e) * (35.0 / 512 + e2 * 7 / 512);
    c[5] = (d *= e) * (63.0 / 1280);
    c[6] = d * e * (77.0 / 2048);
    double t = -e2 * (3.0 / 4 + e2 * (7.0 / 64 + e2 * 11 / 256));
    return (t - e) / (1 + e);
}

/* Equation (24) */
static double longitude_scale(double e)
{
    const double n = THIRD_FLAT;
    return 1 - e * ((1 - n) / 2 + e * ((2 + n * (1 - 3 * n)) / 8 +
                                       e * ((1 + n * (3 + n)) / 16 + e * ((3 + 2 * n) / 64 + e * 3 / 128))));
}

/* Equation (25): longitude; five terms */
static void series_3(double e, double c[ORDER])
{
    const double n = THIRD_FLAT;
    double d = e;
    c[1] = d *
           ((1 - n) / 4 + e * ((1 - n * n) / 8 + e * ((3 + n * (3 - n)) / 64 + e * ((5 + 2 * n) / 128 + e * 3 / 128))));
    d *= e;
    c[2] = d * ((2 + n * (-3 + n)) / 32 + e * ((3 + n * (-2 - 3 * n)) / 64 + e * ((3 + n) / 128 + e * 5 / 256)));
    d *= e;
    c[3] = d * ((5 + n * (-9 + 5 * n)) / 192 + e * ((9 - 10 * n) / 384 + e * 7 / 512));
    d *= e;
    c[4] = d * ((7 - 14 * n) / 512 + e * 7 / 512);
    c[5] = d * e * 21 / 2560;
}

/* sigma2 - sigma1, from 0 to pi */
static double arc_between(struct angle from, struct angle to)
{
    return atan2(fmax(0, from.c * to.s - from.s * to.c), from.c * to.c + from.s * to.s);
}

/* Length of the arc in units of the polar radius b. */
static double arc_length(const struct trial *t)
{
    double c[ORDER + 1], a = series_1(t->eps, c);
    return (1 + a) * (t->sigma12 + sine_series(t->sigma2, c, ORDER) - sine_series(t->sigma1, c, ORDER));
}

/* Reduced length m12 / b, equation (38) with (40). */
static double reduced_length(const struct trial *t, double dn1, double dn2)
{
    double c1[ORDER + 1], c2[ORDER + 1];
    double a1 = series_1(t->eps, c1), a2 = series_2(t->eps, c2);
    double b1 = sine_series(t->sigma2, c1, ORDER) - sine_series(t->sigma1, c1, ORDER);
    double b2 = sine_series(t->sigma2, c2, ORDER) - sine_series(t->sigma1, c2, ORDER);
    double j = (a1 - a2) * t->sigma12 + (1 + a1) * b1 - (1 + a2) * b2;
    return dn2 * (t->sigma1.c * t->sigma2.s) - dn1 * (t->sigma1.s * t->sigma2.c) - t->sigma1.c * t->sigma2.c * j;
}

static double eps_of(double k2)
{
    return k2 / (2 * (1 + sqrt(1 + k2)) + k2);
}

/* cos alpha2 from Clairaut's relation, equation (45), in the form that keeps the difference of the latitudes */
static double cos_alpha2(const struct problem *p, struct angle alpha1)
{
    const struct angle b1 = p->beta1, b2 = p->beta2;
    if (b2.c == b1.c && fabs(b2.s) == -b1.s)
        return fabs(alpha1.c);
    double gap = b1.c < -b1.s ? (b2.c - b1.c) * (b1.c + b2.c) : (b1.s - b2.s) * (b1.s + b2.s);
    double along = alpha1.c * b1.c;
    return sqrt(fmax(0, along * along + gap)) / b2.c;
}

/* Follows the geodesic that leaves point 1 at alpha1 to the latitude of point 2. */
static void shoot(const struct problem *p, struct angle alpha1, struct trial *t)
{
    if (p->beta1.s == 0 && alpha1.c == 0)
        alpha1.c = -TINY; /* an equatorial start needs a side to lean to */
    double sin_a0 = alpha1.s * p->beta1.c, cos_a0 = hypot(alpha1.c, alpha1.s * p->beta1.s);
    t->alpha2.s = p->beta2.c != p->beta1.c ? sin_a0 / p->beta2.c : alpha1.s;
    t->alpha2.c = cos_alpha2(p, alpha1);

    t->sigma1 = unit(p->beta1.s, alpha1.c * p->beta1.c);
    t->sigma2 = unit(p->beta2.s, t->alpha2.c * p->beta2.c);
    t->sigma12 = arc_between(t->sigma1, t->sigma2);

    struct angle w1 = { sin_a0 * p->beta1.s, alpha1.c * p->beta1.c };
    struct angle w2 = { sin_a0 * p->beta2.s, t->alpha2.c * p->beta2.c };
    double s = fmax(0, w1.c * w2.s - w1.s * w2.c), c = w1.c * w2.c + w1.s * w2.s;
    double excess = atan2(s * p->lambda.c - c * p->lambda.s, c * p->lambda.c + s * p->lambda.s);

    double c3[ORDER];
    t->eps = eps_of(cos_a0 * cos_a0 * ECC2_SECOND);
    series_3(t->eps, c3);
    double b3 = sine_series(t->sigma2, c3, ORDER - 1) - sine_series(t->sigma1, c3, ORDER - 1);
    t->miss = excess - FLAT * longitude_scale(t->eps) * sin_a0 * (t->sigma12 + b3);

    t->slope = t->alpha2.c == 0 ? -2 * POLAR_RATIO * p->dn1 / p->beta1.s /* limit of (46) */
                                : POLAR_RATIO * reduced_length(t, p->dn1, p->dn2) / (t->alpha2.c * p->beta2.c);
}

/* Azimuth at point 1 and arc of the great circle on the auxiliary sphere, equations (49) to (51). */
static struct angle great_circle(const struct problem *p, struct angle omega, double *arc)
{
    const struct angle b1 = p->beta1, b2 = p->beta2;
    double s = b2.c * omega.s;
    /* sin(beta2 - beta1) or sin(beta2 + beta1) apart, so that neither form cancels */
    double c = omega.c >= 0 ? b2.s * b1.c - b2.c * b1.s + b2.c * b1.s * omega.s * omega.s / (1 + omega.c)
                            : b2.s * b1.c + b2.c * b1.s - b2.c * b1.s * omega.s * omega.s / (1 - omega.c);
    *arc = atan2(hypot(s, c), b1.s * b2.s + b1.c * b2.c * omega.c);
    if (s == 0 && c == 0)
        return (struct angle){ 1, 0 };
    return unit(s, c);
}

/* The positive root of mu^4 + 2 mu^3 + (1 - x^2 - y^2) mu^2 - 2 y^2 mu - y^2 = 0, equations (55) and (56). */
static double astroid(double x, double y)
{
    double p = x * x, q = y * y, r = (p + q - 1) / 6;
    if (q == 0 && r <= 0)
        return 0;
    double s = p * q / 4, r3 = r * r * r, d = s * (s + 2 * r3), u = r;
    if (d >= 0) {
        double t3 = s + r3 + (s + r3 < 0 ? -sqrt(d) : sqrt(d)), t = cbrt(t3);
        u += t + (t != 0 ? r * r / t : 0);
    } else {
        u += 2 * r * cos(atan2(sqrt(-d), -(s + r3)) / 3);
    }
    double v = sqrt(u * u + q), uv = u < 0 ? q / (v - u) : u + v;
    double w = (uv - q) / (2 * v);
    return uv / (sqrt(uv + w * w) + w);
}

/* First azimuth near the antipode, section 5 of the paper. */
static struct angle antipodal_guess(const struct problem *p)
{
    double k2 = p->beta1.s * p->beta1.s * ECC2_SECOND;
    double lon_scale = FLAT * p->beta1.c * longitude_scale(eps_of(k2)) * PI, lat_scale = lon_scale * p->beta1.c;
    double sum = p->beta2.s * p->beta1.c + p->beta2.c * p->beta1.s; /* sin(beta1 + beta2) */
    double x = -p->supplement / lon_scale, y = sum / lat_scale, ignored;
    if (y > -200 * DBL_EPSILON && x > -1 - 1000 * sqrt(DBL_EPSILON)) {
        double s = fmin(1, -x);
        return (struct angle){ s, -sqrt((1 - s) * (1 + s)) };
    }
    double mu = astroid(x, y), short_of_pi = lon_scale * -x * mu / (1 + mu);
    return great_circle(p, (struct angle){ sin(short_of_pi), -cos(short_of_pi) }, &ignored);
}

/* Keeps the root between two azimuths of (0, pi) at which the longitude is too short and too long. */
struct bracket {
    struct angle low, high;
};

/* Falls from +infinity to -infinity over (0, pi): orders azimuths. */
static double cotangent(struct angle a)
{
    return a.c / a.s;
}

static struct angle improve(struct bracket *b, struct angle alpha1, const struct trial *t, int step)
{
    double here = cotangent(alpha1);
    if (t->miss > 0 && here >= cotangent(b->high))
        b->high = alpha1;
    else if (t->miss < 0 && here <= cotangent(b->low))
        b->low = alpha1;
    if (step < NEWTON_STEPS && t->slope > 0) {
        double turn = -t->miss / t->slope, s = sin(turn), c = cos(turn);
        struct angle next = { alpha1.s * c + alpha1.c * s, alpha1.c * c - alpha1.s * s };
        if (next.s > 0 && fabs(turn) < PI)
            return unit(next.s, next.c);
    }
    return unit((b->low.s + b->high.s) / 2, (b->low.c + b->high.c) / 2);
}

/* Length in units of b of the geodesic that is neither a meridian nor the equator. */
static double general(const struct problem *p)
{
    double mean_cos = (p->beta1.c + p->beta2.c) / 2, arc, width = sqrt(1 - ECC2 * mean_cos * mean_cos);
    struct angle alpha1;
    if (p->lambda.c > 0) {
        double omega = atan2(p->lambda.s, p->lambda.c) / width;
        alpha1 = great_circle(p, (struct angle){ sin(omega), cos(omega) }, &arc);
    } else {
        alpha1 = great_circle(p, p->lambda, &arc);
    }
    if (p->lambda.c > 0 && arc < 1e-8)
        return arc * width / POLAR_RATIO; /* under 7 cm: flat enough */
    if (arc > PI / 2 && sin(arc) < 6 * THIRD_FLAT * PI * p->beta1.c * p->beta1.c)
        alpha1 = antipodal_guess(p);
    if (!(alpha1.s > 0))
        alpha1 = (struct angle){ 1, 0 };

    struct bracket b = { { TINY, 1 }, { TINY, -1 } };
    struct trial t;
    for (int step = 0;; step++) {
        shoot(p, alpha1, &t);
        struct angle next = improve(&b, alpha1, &t, step);
        double moved = fabs(next.s - alpha1.s) + fabs(next.c - alpha1.c);
        if (fabs(t.miss) < 8 * DBL_EPSILON * (step < 8 ? 1 : 8) || moved == 0 || step >= ALL_STEPS)
            break;
        alpha1 = next;
    }
    return arc_length(&t);
}

static double meridian(const struct problem *p, bool over_pole)
{
    struct trial t = { .eps = eps_of(ECC2_SECOND) };
    t.sigma1 = (struct angle){ p->beta1.s, over_pole ? -p->beta1.c : p->beta1.c };
    t.sigma2 = p->beta2;
    t.sigma12 = arc_between(t.sigma1, t.sigma2);
    return arc_length(&t);
}

static struct angle reduced(double latitude)
{
    struct angle phi = degrees(latitude);
    return unit(POLAR_RATIO * phi.s, phi.c);
}

/* Latitudes within a nanometre of the equator are on it: their sines would be too small to divide by. */
static double off_equator(double lat)
{
    return fabs(lat) < 1e-14 ? 0 : lat;
}

bool geodesic_km(double lat1, double lon1, double lat2, double lon2, double *km)
{
    if (!(fabs(lat1) <= 90 && fabs(lat2) <= 90 && isfinite(lon1) && isfinite(lon2)))
        return false;
    lat1 = off_equator(lat1);
    lat2 = off_equator(lat2);
    double lon = fabs(remainder(remainder(lon2, 360) - remainder(lon1, 360), 360));
    if (fabs(lat1) < fabs(lat2)) {
        double swap = lat1;
        lat1 = lat2;
        lat2 = swap;
    }
    if (lat1 > 0) {
        lat1 = -lat1;
        lat2 = -lat2;
    }
    struct problem p = { .beta1 = reduced(lat1), .beta2 = reduced(lat2), .lambda = degrees(lon) };
    p.supplement = (180 - lon) * (PI / 180);
    /* Of two equal latitudes the better conditioned of sine and cosine decides that they are. */
    if (p.beta1.c < -p.beta1.s) {
        if (p.beta2.c == p.beta1.c)
            p.beta2.s = copysign(p.beta1.s, p.beta2.s);
    } else if (fabs(p.beta2.s) == -p.beta1.s) {
        p.beta2.c = p.beta1.c;
    }
    p.dn1 = sqrt(1 + ECC2_SECOND * p.beta1.s * p.beta1.s);
    p.dn2 = sqrt(1 + ECC2_SECOND * p.beta2.s * p.beta2.s);

    double metres;
    if (lon == 0 || lon == 180 || lat1 == -90)
        metres = RADIUS_M * POLAR_RATIO * meridian(&p, lat1 != -90 && lon == 180);
    else if (lat1 == 0 && p.supplement >= FLAT * PI)
        metres = RADIUS_M * (PI - p.supplement);
    else
        metres = RADIUS_M * POLAR_RATIO * general(&p);
    if (!isfinite(metres))
        return false;
    *km = metres / 1000;
    return true;
}
