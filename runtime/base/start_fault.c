/* start_fault.c - why the program does not start. */
#include "runtime/base/start_fault.h"

#include <stdarg.h>
#include <stdio.h>

bool start_fault_set(struct start_fault *f, int exit_code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    f->exit_code = exit_code;
    vsnprintf(f->why, sizeof f->why, fmt, ap);
    va_end(ap);
    return false;
}
