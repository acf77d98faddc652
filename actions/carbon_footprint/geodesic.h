/*
 * geodesic.h - shortest distance between two points on the WGS84 ellipsoid.
 *
 * Method: C. F. F. Karney, "Algorithms for geodesics", Journal of Geodesy 87 (2013) 43-55,
 * doi 10.1007/s00190-012-0578-z; equation numbers in geodesic.c are those of the paper. Series to sixth order, Newton's
 * method kept inside a bracket, so it ends for every pair of points, antipodes and poles included. Error below a tenth
 * of a micrometre.
 */
#ifndef CARBON_GEODESIC_H
#define CARBON_GEODESIC_H

#include <stdbool.h>

/*
 * Degrees in, kilometres out. Latitudes within [-90, 90], longitudes any finite number. False, with *km untouched, when
 * an argument is out of range or not finite.
 */
bool geodesic_km(double lat1, double lon1, double lat2, double lon2, double *km) __attribute__((warn_unused_result));

#endif
