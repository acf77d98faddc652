/*
 * decimal.h - numbers with a fixed count of decimals, as an org keeps them: whole counts of 10^-scale. A sum of cents
 * is exact in them, while one of binary fractions is not.
 */
#ifndef SANDBOX_BASE_DECIMAL_H
#define SANDBOX_BASE_DECIMAL_H

enum { DECIMAL_DIGITS = 18 }; /* what a number of an org has at most, before and behind the point together */

/* A sum of 10^18 numbers of 18 digits has room in it. */
__extension__ typedef __int128 decimal;

/* 10^n, for n from 0 to 37. */
decimal decimal_power(int n);
enum decimal_reading { DECIMAL_READ, DECIMAL_TOO_LARGE, DECIMAL_NO_NUMBER };
/*
 * Reads "-12.5e3" and the like, as JSON writes numbers, but with a sign and zeros in front if need be; what lies beyond
 * the scale (0 to 18) is rounded, a half away from zero. Too large: more than 18 digits before the point. *out is set
 * by DECIMAL_READ alone.
 */
enum decimal_reading decimal_read(const char *text, int scale, decimal *out);
/* The number of that scale which is nearest; d is finite and below 10^19. */
decimal decimal_of(double d, int scale);
/* n / d as the nearest double; d is above 0 and below 10^36. */
double decimal_quotient(decimal n, decimal d);

#endif
